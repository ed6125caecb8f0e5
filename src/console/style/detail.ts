/** The pages of one thing: its facts, its callback URLs, its timeline. */
export const detail = `
.facts {
  display: grid;
  margin: 0.9rem 0 1rem;
  padding: 0.3rem 1rem;
  background: var(--card);
  border: 1px solid var(--line);
  border-radius: 12px;
}

.facts > div {
  display: grid;
  grid-template-columns: 10rem minmax(0, 1fr);
  gap: 0.8rem;
  padding: 0.4rem 0;
  border-bottom: 1px solid var(--line);
}

.facts > div:last-child {
  border-bottom: 0;
}

.facts code {
  font-size: 0.82em;
}

dt {
  color: var(--muted);
}

dd {
  margin: 0;
  overflow-wrap: anywhere;
  unicode-bidi: isolate;
}

.urls {
  display: grid;
  gap: 0.8rem;
  margin: 0;
}

.urls dt {
  font-weight: 600;
}

.timeline {
  display: grid;
  gap: 0.9rem;
  margin: 0;
  padding: 0 0 0 1.2rem;
  border-left: 2px solid var(--line);
  list-style: none;
}

.timeline li {
  position: relative;
}

.timeline li::before {
  content: "";
  position: absolute;
  left: -1.6rem;
  top: 0.45rem;
  width: 0.65rem;
  height: 0.65rem;
  background: var(--card);
  border: 2px solid var(--muted);
  border-radius: 50%;
}

.timeline .decision::before {
  background: var(--accent);
  border-color: var(--accent);
}

.timeline .event::before {
  border-color: var(--info);
}

.timeline time {
  display: block;
  color: var(--muted);
  font-size: 0.8rem;
}

@media (max-width: 52rem) {
  .facts > div {
    grid-template-columns: 1fr;
    gap: 0;
  }
}
`;
