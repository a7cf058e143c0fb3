"""How a browser reaches the server: from pages of other origins, and below a path of a proxy."""
import contextlib
import http.client
import http.server
import threading

from playwright.sync_api import expect

from conftest import Server, Visit

ASKING = """async (url) => {
    try {
        const answer = await fetch(url, {
            method: "POST",
            headers: { "Content-Type": "application/json", "X-Request-Id": "page-1" },
            body: JSON.stringify({ text: "not happy", model: "mood" }),
        });
        return [(await answer.json()).label, answer.headers.get("X-Request-Id")];
    } catch (error) {
        return String(error);
    }
}"""


@contextlib.contextmanager
def serving(handler):
    """A server of a handler on a free port; its origin."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Site(http.server.BaseHTTPRequestHandler):
    """Somebody else's page."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>a page</title>")

    def log_message(self, *_):
        pass


def test_other_origins(browser, tmp_path):
    """A page whose origin is allowed reads answers, errors too; another one does not."""
    with serving(Site) as friend, serving(Site) as stranger:
        server = Server(tmp_path, "--cors-origin", friend)
        try:
            url = server.url + "classify"
            for origin, isAllowed in ((friend, True), (stranger, False)):
                context = browser.new_context()
                page = context.new_page()
                page.goto(origin)
                found = page.evaluate(ASKING, url)
                if isAllowed:
                    assert found == ["sad", "page-1"], found
                    status = page.evaluate(
                        "async (url) => (await fetch(url, { method: 'POST' })).status", url
                    )
                    assert status >= 400
                else:
                    assert "Failed to fetch" in found, found
                context.close()
        finally:
            server.stop()


def proxy_of(port, prefix):
    """A proxy that takes a path off, as nginx does; elsewhere is nothing."""

    class Proxy(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.0"

        def forward(self):
            path = self.path.removeprefix(prefix)
            if not self.path.startswith(prefix + "/"):
                return self.send_error(404)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            dropped = ("host", "connection", "content-length")
            fields = {k: v for k, v in self.headers.items() if k.lower() not in dropped}
            connection = http.client.HTTPConnection("localhost", port)
            connection.request(self.command, path, body or None, fields)
            answer = connection.getresponse()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in ("connection", "transfer-encoding", "content-length"):
                    self.send_header(name, value)
            self.end_headers()
            while piece := answer.read1(65536):
                self.wfile.write(piece)
                self.wfile.flush()
            connection.close()

        do_GET = do_POST = do_PUT = do_DELETE = forward

        def log_message(self, *_):
            pass

    return Proxy


def test_path_prefix(browser, tmp_path):
    """The page works below a path, from its first file to a training that is followed."""
    server = Server(tmp_path, "--path-prefix", "/tools/elman")
    try:
        with serving(proxy_of(server.port, "/tools/elman")) as origin:
            class Below:
                url = origin + "/tools/elman/"

            visit = Visit(browser, Below)
            visit.expect_fault("blob:" + origin)
            page = visit.open("#/try/mood")
            page.get_by_role("textbox", name="Text", exact=True).fill("not happy")
            expect(page.locator(".answer .label")).to_have_text("sad")
            expect(page.get_by_role("tabpanel")).to_contain_text("/tools/elman/classify")
            page.get_by_role("link", name="Teach").click()
            rows = "".join(f"billing,invoice {n}\nbug,crash {n}\n" for n in range(12))
            page.get_by_label("Paste or drop").fill("label,text\n" + rows)
            page.get_by_label("Model", exact=True).last.fill("desk")
            page.get_by_role("button", name="Start").click()
            done = page.get_by_role("heading", name="Version 1 is live")
            expect(done).to_be_visible(timeout=60000)
            expect(page.frame_locator("iframe").get_by_role("heading").first).to_be_visible()
            visit.context.close()
            visit.check()
    finally:
        server.stop()
