/** The only style of the reference page. The page's security policy allows it by its hash. */
export const style = `
:root {
  color-scheme: light dark;
  --line: #8884;
  --card: #8881;
}

body {
  display: grid;
  grid-template-columns: 16rem minmax(0, 1fr);
  margin: 0;
  font: 15px / 1.5 system-ui, sans-serif;
}

nav {
  position: sticky;
  top: 0;
  box-sizing: border-box;
  height: 100vh;
  padding: 1rem;
  overflow: auto;
  border-right: 1px solid var(--line);
}

nav h1 {
  margin: 0;
  font-size: 1.1rem;
}

nav h2 {
  margin: 1rem 0 0.2rem;
  font-size: 0.8rem;
  text-transform: uppercase;
  opacity: 0.7;
}

nav ul {
  margin: 0;
  padding: 0;
  font-size: 0.9rem;
  list-style: none;
}

main {
  max-width: 60rem;
  padding: 1rem 2rem 6rem;
}

section {
  padding: 0.5rem 0 1.5rem;
  border-top: 1px solid var(--line);
}

h3 code {
  font-size: 1.05rem;
}

h4 {
  margin: 1rem 0 0.3rem;
  font-size: 0.85rem;
  text-transform: uppercase;
  opacity: 0.7;
}

a {
  color: inherit;
  text-underline-offset: 2px;
}

.method {
  padding: 0.2rem 0.45rem;
  background: var(--card);
  border: 1px solid var(--line);
  border-radius: 4px;
  font: 700 0.75rem ui-monospace, monospace;
}

.get {
  color: #25b;
}

.post,
.status-2 {
  color: #283;
}

.patch {
  color: #a60;
}

.delete,
.status-4,
.status-5,
em {
  color: #c33;
}

@media (prefers-color-scheme: dark) {
  .get {
    color: #8ab4ff;
  }

  .post,
  .status-2 {
    color: #7ccf8a;
  }

  .patch {
    color: #e6a84c;
  }

  .delete,
  .status-4,
  .status-5,
  em {
    color: #ff8a80;
  }
}

table {
  width: 100%;
  border-collapse: collapse;
  font-size: 0.9rem;
}

td {
  padding: 0.25rem 0.5rem;
  border-bottom: 1px solid var(--line);
  vertical-align: top;
}

td:first-child {
  width: 28%;
}

td:nth-child(2) {
  width: 30%;
}

em {
  font-size: 0.75rem;
  font-style: normal;
}

pre {
  padding: 0.8rem;
  overflow: auto;
  background: var(--card);
  border-radius: 6px;
  font-size: 0.85rem;
}

dl {
  display: grid;
  grid-template-columns: 3.5rem 1fr;
  margin: 0;
  font-size: 0.9rem;
}

dt {
  font-family: ui-monospace, monospace;
}

dd {
  margin: 0;
}

td,
dd,
h3 code {
  overflow-wrap: anywhere;
}

@media (max-width: 50rem) {
  body {
    display: block;
  }

  nav {
    position: static;
    height: auto;
    border: 0;
  }

  main {
    padding: 1rem;
  }

  table,
  tbody {
    display: block;
  }

  tr {
    display: block;
    padding: 0.3rem 0;
    border-bottom: 1px solid var(--line);
  }

  td,
  td:first-child,
  td:nth-child(2) {
    display: block;
    width: auto;
    padding: 0.05rem 0;
    border: 0;
  }
}
`;
