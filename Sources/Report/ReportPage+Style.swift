extension ReportPage {
    /// The style sheet; light or dark as the reader's system is.
    static let style = """
        :root{--back:#fbfbfa;--card:#fff;--ink:#1c1e21;--faint:#636a73;--line:#dfe2e6;\
        --a:#2563b0;--b:#b4540a;--c:#23754a;--good:#23754a;--held:#8a5a00;--wrong:#b3261e}
        @media (prefers-color-scheme:dark){:root{--back:#14161a;--card:#1c1f25;--ink:#e6e8eb;\
        --faint:#9aa3ad;--line:#343a43;--a:#7db3f2;--b:#f0a35e;--c:#6ecb98;--good:#6ecb98;\
        --held:#e5b567;--wrong:#f28b82}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--back);color:var(--ink);\
        font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
        main{max-width:1080px;margin:0 auto;padding:24px 16px 48px}
        h1{font-size:1.5rem;line-height:1.25;margin:0 0 12px;overflow-wrap:anywhere}
        h2{font-size:1rem;margin:0 0 12px}
        .part{font-size:1.2rem;margin:28px 0 12px}
        .lead{margin:0 0 16px;overflow-wrap:anywhere}
        .good{color:var(--good)}.held{color:var(--held)}.faint{color:var(--faint)}
        p.faint{margin:8px 0 0;font-size:.875rem;overflow-wrap:anywhere}
        .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(132px,1fr));
        gap:8px;margin:0}
        .tiles div,section{background:var(--card);border:1px solid var(--line);border-radius:8px}
        .tiles div{padding:10px 12px}
        dt{color:var(--faint);font-size:.8125rem;line-height:1.3}
        dd{margin:2px 0 0;font-size:1.25rem;font-variant-numeric:tabular-nums}
        section{padding:16px;margin:16px 0 0;min-width:0}
        .grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(420px,100%),1fr));\
        gap:0 16px;align-items:start}
        section .grid{gap:0 32px}
        svg{display:block;max-width:100%;height:auto;font-size:12px;overflow:visible}
        svg text{fill:var(--ink);font-family:inherit}
        svg .small{font-size:11px;fill:var(--faint)}
        svg .inverse{fill:var(--card)}
        svg .figure{font-variant-numeric:tabular-nums}
        svg text.faint{fill:var(--faint)}
        .plot{fill:none;stroke:var(--line)}
        .grid line.grid,line.grid{stroke:var(--line);stroke-width:1}
        .ideal{stroke:var(--faint);stroke-dasharray:3 4}
        .curve{fill:none;stroke-width:2;stroke-linejoin:round}
        .curve.a{stroke:var(--a)}.curve.b{stroke:var(--b)}.curve.c{stroke:var(--c)}
        .dot{stroke:var(--card);stroke-width:1.5}
        .dot.a{fill:var(--a)}.dot.b{fill:var(--b)}.dot.c{fill:var(--c)}
        .dashed{stroke-dasharray:6 4}
        .track{fill:var(--line);opacity:.6}.bar{fill:var(--a)}
        .right{fill:var(--a)}.wrong{fill:var(--wrong)}
        .legend{list-style:none;margin:8px 0 0;padding:0;display:flex;flex-wrap:wrap;gap:4px 16px;\
        font-size:.8125rem;color:var(--faint)}
        .legend li{display:flex;align-items:center;gap:6px}
        .legend svg{width:28px;height:8px}
        details{margin-top:8px;font-size:.875rem;color:var(--faint)}
        summary{cursor:pointer}
        ol{columns:14em;margin:8px 0 0;padding-left:2.4em;overflow-wrap:anywhere}
        .scroll{overflow-x:auto}
        table{border-collapse:collapse;width:100%;font-size:.875rem}
        th,td{text-align:left;padding:5px 12px 5px 0;border-bottom:1px solid var(--line);\
        vertical-align:top;overflow-wrap:anywhere;min-width:6em}
        th{color:var(--faint);font-weight:500}
        tbody tr:last-child td{border-bottom:0}
        .n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap;min-width:0}
        th:last-child,td:last-child{padding-right:0}
        """
}
