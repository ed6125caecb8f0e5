/** Headings, links, code, and the classes of single words. */
export const text = `
* {
  box-sizing: border-box;
}

body {
  margin: 0;
  font: 15px / 1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
  color: var(--text);
  background: var(--page);
}

a {
  color: var(--accent);
  text-underline-offset: 2px;
}

:focus-visible {
  outline: 2px solid var(--accent);
  outline-offset: 2px;
  border-radius: 4px;
}

h1 {
  display: flex;
  flex-wrap: wrap;
  gap: 0.7rem;
  align-items: center;
  margin: 0 0 0.4rem;
  font-size: 1.5rem;
  line-height: 1.25;
  letter-spacing: -0.02em;
  overflow-wrap: anywhere;
}

h1 .badge {
  font-size: 0.8rem;
  letter-spacing: 0;
}

h2 {
  margin: 2rem 0 0.7rem;
  font-size: 1rem;
}

h3 {
  margin: 1.2rem 0 0.4rem;
  font-size: 0.9rem;
}

.subtitle,
.note,
small {
  color: var(--muted);
}

.subtitle {
  margin: 0 0 1.2rem;
  overflow-wrap: anywhere;
}

.note {
  max-width: 46rem;
  font-size: 0.88rem;
}

.danger-text {
  color: var(--danger);
}

.money,
.number {
  font-variant-numeric: tabular-nums;
}

.money,
.id,
.phone,
td time {
  white-space: nowrap;
}

code,
pre,
.id {
  font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace;
  font-size: 0.87em;
}

code {
  overflow-wrap: anywhere;
}

pre {
  max-height: 32rem;
  padding: 0.8rem 1rem;
  overflow: auto;
  background: var(--card);
  border: 1px solid var(--line);
  border-radius: 9px;
  white-space: pre-wrap;
  overflow-wrap: anywhere;
  unicode-bidi: isolate;
}

.copy {
  display: block;
  padding: 0.5rem 0.8rem;
  background: var(--card);
  border: 1px solid var(--line);
  border-radius: 8px;
  user-select: all;
  cursor: copy;
}
`;
