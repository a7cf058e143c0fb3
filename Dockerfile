# docker build -t elman .      (scripts/image builds it and tries it)
FROM docker.io/library/swift:6.3-bookworm AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        libexpat1-dev libgnutls28-dev libmicrohttpd-dev libpq-dev libsimdjson-dev libsqlite3-dev \
        libunistring-dev libyaml-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /elman
COPY . .
# The standard library goes into the programs, so that the image needs no Swift.
RUN swift build --configuration release --static-swift-stdlib --product server \
    && swift build --configuration release --static-swift-stdlib --product trainer \
    && strip .build/release/server .build/release/trainer

# Gathers the programs and the libraries that they load; the rest of Debian (two thirds) stays
# behind.
FROM docker.io/library/debian:bookworm-slim AS gather
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        libexpat1 libmicrohttpd12 libpq5 libsimdjson14 libsqlite3-0 libunistring2 libyaml-0-2
COPY --from=build /elman/.build/release/server /elman/.build/release/trainer /usr/local/bin/
COPY models /usr/share/elman/models
RUN install -d /image/etc /image/tmp /image/var/lib/dpkg/status.d \
    && install -d -m 700 -o 10001 -g 10001 /image/var/lib/elman /image/etc/elman \
    && chmod 1777 /image/tmp \
    && echo 'elman:x:10001:10001::/var/lib/elman:/usr/sbin/nologin' >/image/etc/passwd \
    && echo 'elman:x:10001:' >/image/etc/group \
    && cp --recursive --parents \
        /usr/local/bin/server /usr/local/bin/trainer /usr/share/elman /image \
    # libpq is loaded when it is needed, so the programs do not name it; ldd names it with a colon.
    && for library in $(ldd /usr/local/bin/server /usr/local/bin/trainer /usr/lib/*/libpq.so.5 \
        | grep -o '/[^ :]*\.so[^ :]*' | sort -u); do \
        cp --dereference --parents "$library" /image; \
        # Scanners of known faults read which package a library came from here.
        package=$(dpkg -S "*/$(basename "$(readlink -f "$library")")" | sed 's/:.*//;q'); \
        dpkg -s "$package" >"/image/var/lib/dpkg/status.d/$package"; \
    done

FROM scratch
COPY --from=gather /image /
COPY --from=gather --chown=10001:10001 /image/var/lib/elman /var/lib/elman
# A place for tokens that several servers share.
COPY --from=gather --chown=10001:10001 /image/etc/elman /etc/elman
USER 10001:10001
VOLUME /var/lib/elman
# Loopback is the program's default; a container is reached from outside itself, so here it is every
# address. Then the program starts only with ELMAN_TOKENS (`docker run … elman token` makes the
# file) or with --open.
ENV PATH=/usr/local/bin ELMAN_HOST=0.0.0.0 ELMAN_MODELS=/usr/share/elman/models \
    ELMAN_STATE=/var/lib/elman
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD ["server", "--healthcheck"]
ENTRYPOINT ["server"]
