import { createHash } from "node:crypto";

/** The console's one style sheet; nothing else is loaded. */
export const style = `
:root { color-scheme: light dark; --ink: #16211d; --soft: #5c6b65; --line: #dfe6e2; --page: #f6f8f7; --card: #fff;
  --accent: #0b7a53; --good: #0b7a53; --bad: #b3261e; --look: #8a5a00; --wait: #3b5bbd;
  --good-bg: #e2f4ec; --bad-bg: #fbe7e5; --look-bg: #fbf0d9; --wait-bg: #e6ecfb; --plain-bg: #ebefed; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6ece9; --soft: #9aaaa3; --line: #2a3531; --page: #101614; --card: #18201d;
  --accent: #4cc79a; --good: #5dd3a8; --bad: #ff9a92; --look: #f0c265; --wait: #9db4ff;
  --good-bg: #12352a; --bad-bg: #42201d; --look-bg: #3a2d10; --wait-bg: #1f2a4d; --plain-bg: #232d29; } }
* { box-sizing: border-box; }
body { margin: 0; font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; color: var(--ink); background: var(--page);
  display: grid; grid-template-columns: 13.5rem minmax(0, 1fr); min-height: 100vh; }
a { color: var(--accent); text-underline-offset: 2px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
main:focus { outline: none; }
.skip { position: absolute; left: -99rem; } .skip:focus { left: 1rem; top: 1rem; z-index: 2; background: var(--card); padding: .5rem 1rem; }
header { position: sticky; top: 0; height: 100vh; display: flex; flex-direction: column; gap: 1.2rem; padding: 1.2rem .9rem;
  background: var(--card); border-right: 1px solid var(--line); overflow: auto; }
.brand { display: flex; gap: .5rem; align-items: center; font-weight: 650; font-size: 1.1rem; letter-spacing: -.01em; color: inherit; text-decoration: none; padding: 0 .5rem; }
.mark { fill: var(--accent); } .mark .tick { fill: none; stroke: var(--card); stroke-width: 2.2; stroke-linecap: round; stroke-linejoin: round; }
header ul { list-style: none; margin: 0; padding: 0; display: grid; gap: .1rem; }
header li a { display: block; padding: .38rem .6rem; border-radius: 7px; color: inherit; text-decoration: none; }
header li a:hover { background: var(--page); }
header li a[aria-current] { background: var(--good-bg); color: var(--good); font-weight: 600; }
.who { margin-top: auto; display: flex; flex-wrap: wrap; gap: .3rem .7rem; align-items: center; font-size: .85rem; color: var(--soft); padding: 0 .5rem; }
.who span, .who small { flex-basis: 100%; overflow-wrap: anywhere; }
main { padding: 1.6rem 2rem 4rem; max-width: 78rem; width: 100%; }
h1 { font-size: 1.5rem; line-height: 1.25; letter-spacing: -.02em; margin: 0 0 .4rem; display: flex; flex-wrap: wrap; gap: .7rem; align-items: center; overflow-wrap: anywhere; }
h1 .badge { font-size: .8rem; letter-spacing: 0; }
h2 { font-size: 1rem; margin: 2rem 0 .7rem; } h3 { font-size: .9rem; margin: 1.2rem 0 .4rem; }
.sub, .note, small, dt { color: var(--soft); } .sub { margin: 0 0 1.2rem; overflow-wrap: anywhere; } .note { font-size: .88rem; max-width: 46rem; }
small.bad, .bad { color: var(--bad); }
code, pre, .id { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: .87em; }
code { overflow-wrap: anywhere; } .facts code { font-size: .82em; }
pre { background: var(--card); border: 1px solid var(--line); border-radius: 9px; padding: .8rem 1rem; overflow: auto; max-height: 32rem;
  white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: isolate; }
.badge { display: inline-block; padding: .05rem .5rem; border-radius: 99px; font-size: .8rem; font-weight: 600; white-space: nowrap; background: var(--plain-bg); }
.badge.good { color: var(--good); background: var(--good-bg); } .badge.bad { color: var(--bad); background: var(--bad-bg); }
.badge.look { color: var(--look); background: var(--look-bg); } .badge.wait { color: var(--wait); background: var(--wait-bg); }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(11rem, 42vw), 1fr)); gap: .8rem; }
.tiles.small { grid-template-columns: repeat(auto-fill, minmax(8rem, 1fr)); }
.tile { display: grid; align-content: start; gap: .15rem; background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: .9rem 1.1rem; color: inherit; text-decoration: none; }
a.tile:hover { border-color: var(--accent); } .tile .value { font-size: 1.7rem; font-weight: 650; letter-spacing: -.03em; font-variant-numeric: tabular-nums; line-height: 1.2; }
.tiles.small .value { font-size: 1.25rem; } .tile .name { color: var(--soft); font-size: .9rem; }
.tile.look .value { color: var(--look); } .tile.bad .value { color: var(--bad); }
.scroll { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: 12px; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .5rem .9rem; border-bottom: 1px solid var(--line); vertical-align: top; unicode-bidi: isolate; }
th { font-size: .8rem; font-weight: 600; color: var(--soft); white-space: nowrap; } tbody tr:last-child td { border-bottom: 0; }
tbody tr:hover { background: var(--page); } td { max-width: 26rem; overflow-wrap: break-word; } td code { display: inline-block; min-width: 9rem; }
td time, .id, .badge, .button, .phone { white-space: nowrap; }
.num { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.empty { color: var(--soft); background: var(--card); border: 1px dashed var(--line); border-radius: 12px; padding: 1.4rem; text-align: center; }
.facts { display: grid; gap: 0; margin: .9rem 0 1rem; background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: .3rem 1rem; }
.facts > div { display: grid; grid-template-columns: 10rem minmax(0, 1fr); gap: .8rem; padding: .4rem 0; border-bottom: 1px solid var(--line); }
.facts > div:last-child { border-bottom: 0; } dd { margin: 0; overflow-wrap: anywhere; unicode-bidi: isolate; }
.urls { display: grid; gap: .8rem; margin: 0; } .urls dt { font-weight: 600; } .copy { display: block; user-select: all; background: var(--card);
  border: 1px solid var(--line); border-radius: 8px; padding: .5rem .8rem; cursor: copy; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(25rem, 100%), 1fr)); gap: 0 2rem; }
.timeline { list-style: none; margin: 0; padding: 0 0 0 1.2rem; border-left: 2px solid var(--line); display: grid; gap: .9rem; }
.timeline li { position: relative; } .timeline li::before { content: ""; position: absolute; left: -1.6rem; top: .45rem; width: .65rem; height: .65rem;
  border-radius: 50%; background: var(--card); border: 2px solid var(--soft); }
.timeline .decision::before { background: var(--accent); border-color: var(--accent); } .timeline .event::before { border-color: var(--wait); }
.timeline time { display: block; font-size: .8rem; color: var(--soft); } .timeline q, .timeline .told { display: block; }
.notice { border-radius: 10px; padding: .7rem 1rem; background: var(--plain-bg); max-width: 60rem; overflow-wrap: anywhere; }
.notice.good { background: var(--good-bg); } .notice.bad { background: var(--bad-bg); color: var(--bad); } .notice.look { background: var(--look-bg); }
form { margin: 0; } main form, .actions { margin-top: 1.2rem; } .actions form { margin: 0; } .actions { display: flex; flex-wrap: wrap; gap: .6rem; } .stack { display: grid; gap: .8rem; max-width: 32rem; margin-top: 1rem; }
label { display: grid; gap: .2rem; font-size: .85rem; color: var(--soft); }
input, select, textarea { font: inherit; color: var(--ink); background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .42rem .6rem; min-width: 0; min-height: 2.45rem; }
button, .button { font: inherit; cursor: pointer; border: 1px solid var(--line); background: var(--card); color: var(--ink); border-radius: 8px;
  padding: .42rem .9rem; text-decoration: none; display: inline-block; }
td .button { padding: .1rem .6rem; } button:hover, .button:hover { border-color: var(--accent); }
.primary { background: var(--accent); border-color: var(--accent); color: var(--card); font-weight: 600; }
.quiet { border: 0; background: none; padding: 0; color: var(--accent); text-decoration: underline; text-underline-offset: 2px; font-size: inherit; }
.filters { display: flex; flex-wrap: wrap; gap: .7rem; align-items: end; margin: 1rem 0 1.2rem; } .filters label { flex: 0 1 11rem; } .filters button { min-height: 2.45rem; } .filters a { padding: .42rem 0; }
.pager { display: flex; gap: .6rem; margin-top: 1rem; }
.alarms { list-style: none; margin: 0 0 .8rem; padding: 0; display: grid; gap: .5rem; } .alarms .notice { margin: 0; } .alarms a { color: inherit; }
section > .notice.good { margin: 0 0 .8rem; } h2 + .notice { margin-top: 0; }
.bare { grid-column: 1 / -1; max-width: 26rem; margin: 12vh auto 0; } .bare .brand { padding: 0; font-size: 1.3rem; }
@media (max-width: 52rem) {
  body { display: block; } header { position: static; height: auto; border-right: 0; border-bottom: 1px solid var(--line); gap: .7rem; padding: .8rem 1rem; }
  header ul { display: flex; overflow-x: auto; gap: .2rem; padding-bottom: .2rem; } header li a { white-space: nowrap; }
  .who { margin: 0; } .who span, .who small { flex-basis: auto; } .who span { margin-right: auto; }
  main { padding: 1.1rem 1rem 3rem; } .facts > div { grid-template-columns: 1fr; gap: 0; } .bare { margin-top: 6vh; }
  .filters label { flex: 1 1 9rem; }
  thead { position: absolute; left: -99rem; } table, tbody, tr, td { display: block; } tr { padding: .5rem .9rem; border-bottom: 1px solid var(--line); }
  tbody tr:last-child { border-bottom: 0; } td { position: relative; padding: .12rem 0 .12rem 7.6rem; border: 0;
    max-width: none; min-height: 1.7rem; } td::before { content: attr(data-head); position: absolute; left: 0; color: var(--soft); font-size: .85rem; }
  td:empty { display: none; }
  td.num { text-align: left; }
}
`;

export const stylePath = `/console/style-${createHash("sha256").update(style).digest("hex").slice(0, 12)}.css`;

export const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path fill="#0b7a53" d="M12 2 3 6v6c0 5 4 9 9 10 5-1 9-5 9-10V6z"/><path fill="none" stroke="#fff" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round" d="m8 12 3 3 5-6"/></svg>`;
