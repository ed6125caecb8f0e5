/** The reference page's one style. Its hash is in the page's security policy. */
export const style = `
:root { color-scheme: light dark; --line: #8884; --soft: #8881; }
body { margin: 0; font: 15px/1.5 system-ui, sans-serif; display: grid; grid-template-columns: 16rem minmax(0, 1fr); }
nav { position: sticky; top: 0; height: 100vh; overflow: auto; padding: 1rem; border-right: 1px solid var(--line); box-sizing: border-box; }
nav h1 { font-size: 1.1rem; margin: 0; } nav h2 { font-size: .8rem; margin: 1rem 0 .2rem; text-transform: uppercase; opacity: .7; }
nav ul { list-style: none; margin: 0; padding: 0; font-size: .9rem; }
main { padding: 1rem 2rem 6rem; max-width: 60rem; }
section { border-top: 1px solid var(--line); padding: .5rem 0 1.5rem; }
h3 code { font-size: 1.05rem; } h4 { margin: 1rem 0 .3rem; font-size: .85rem; text-transform: uppercase; opacity: .7; }
a { color: inherit; text-underline-offset: 2px; }
.method { font: 700 .75rem ui-monospace, monospace; padding: .2rem .45rem; border-radius: 4px; background: var(--soft); border: 1px solid var(--line); }
.delete { color: #c33; } .post { color: #283; } .patch { color: #a60; } .get { color: #25b; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; } td { border-bottom: 1px solid var(--line); padding: .25rem .5rem; vertical-align: top; }
em { font-size: .75rem; color: #c33; font-style: normal; }
pre { background: var(--soft); padding: .8rem; overflow: auto; border-radius: 6px; font-size: .85rem; }
dl { display: grid; grid-template-columns: 3.5rem 1fr; margin: 0; font-size: .9rem; } dt { font-family: ui-monospace, monospace; } dd { margin: 0; }
td, dd, h3 code { overflow-wrap: anywhere; }
.s2 { color: #283; } .s4, .s5 { color: #c33; }
@media (max-width: 50rem) { body { display: block; } nav { position: static; height: auto; border: 0; } main { padding: 1rem; }
  td { display: block; border: 0; padding: .05rem 0; } tr { display: block; border-bottom: 1px solid var(--line); padding: .3rem 0; } table, tbody { display: block; } }
`;
