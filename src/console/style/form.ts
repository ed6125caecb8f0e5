/** Forms, fields and buttons. */
export const form = `
form {
  margin: 0;
}

main form,
.actions {
  margin-top: 1.2rem;
}

.actions {
  display: flex;
  flex-wrap: wrap;
  gap: 0.6rem;
}

.actions form {
  margin: 0;
}

.stack {
  display: grid;
  gap: 0.8rem;
  max-width: 32rem;
}

.stack .note {
  margin: 0;
}

label {
  display: grid;
  gap: 0.2rem;
  color: var(--muted);
  font-size: 0.85rem;
}

input,
select,
textarea {
  min-width: 0;
  min-height: 2.45rem;
  padding: 0.42rem 0.6rem;
  background: var(--card);
  border: 1px solid var(--line);
  border-radius: 8px;
  color: var(--text);
  font: inherit;
}

button,
.button {
  display: inline-block;
  padding: 0.42rem 0.9rem;
  background: var(--card);
  border: 1px solid var(--line);
  border-radius: 8px;
  color: var(--text);
  font: inherit;
  text-decoration: none;
  white-space: nowrap;
  cursor: pointer;
}

button:hover,
.button:hover {
  border-color: var(--accent);
}

.primary {
  background: var(--accent);
  border-color: var(--accent);
  color: var(--card);
  font-weight: 600;
}

.link {
  padding: 0;
  background: none;
  border: 0;
  color: var(--accent);
  font-size: inherit;
  text-decoration: underline;
  text-underline-offset: 2px;
}

.filters {
  display: flex;
  flex-wrap: wrap;
  gap: 0.7rem;
  align-items: end;
  margin: 1rem 0 1.2rem;
}

.filters label {
  flex: 0 1 10.5rem;
}

.filters button {
  min-height: 2.45rem;
}

.filters a {
  padding: 0.42rem 0;
}

@media (max-width: 52rem) {
  .filters label {
    flex: 1 1 9rem;
  }
}
`;
