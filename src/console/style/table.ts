/** Tables; on a narrow screen each row is a card with the heads of the columns on the left. */
export const table = `
.scroll {
  overflow-x: auto;
  background: var(--card);
  border: 1px solid var(--line);
  border-radius: 12px;
}

table {
  width: 100%;
  border-collapse: collapse;
}

th,
td {
  padding: 0.5rem 0.9rem;
  border-bottom: 1px solid var(--line);
  text-align: left;
  vertical-align: top;
  unicode-bidi: isolate;
}

th {
  color: var(--muted);
  font-size: 0.8rem;
  font-weight: 600;
  white-space: nowrap;
}

td {
  max-width: 26rem;
  overflow-wrap: break-word;
}

tbody tr:last-child td {
  border-bottom: 0;
}

tbody tr:hover {
  background: var(--page);
}

td code {
  display: inline-block;
  min-width: 9rem;
}

td .button {
  padding: 0.1rem 0.6rem;
}

td.number,
th.number {
  text-align: right;
  white-space: nowrap;
}

.pager {
  display: flex;
  gap: 0.6rem;
  margin-top: 1rem;
}

@media (max-width: 52rem) {
  thead {
    position: absolute;
    left: -99rem;
  }

  table,
  tbody,
  tr,
  td {
    display: block;
  }

  tr {
    padding: 0.5rem 0.9rem;
    border-bottom: 1px solid var(--line);
  }

  tbody tr:last-child {
    border-bottom: 0;
  }

  td {
    position: relative;
    max-width: none;
    min-height: 1.7rem;
    padding: 0.12rem 0 0.12rem 7.6rem;
    border: 0;
  }

  td::before {
    content: attr(data-head);
    position: absolute;
    left: 0;
    color: var(--muted);
    font-size: 0.85rem;
  }

  td:empty {
    display: none;
  }

  td.number {
    text-align: left;
  }
}
`;
