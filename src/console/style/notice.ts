/** Notices, alarms, badges, and the tiles of the overview. */
export const notice = `
.notice {
  padding: 0.7rem 1rem;
  background: var(--neutral-bg);
  border-radius: 10px;
  overflow-wrap: anywhere;
}

h2 + .notice {
  margin: 0 0 0.8rem;
}

.notice.success {
  background: var(--success-bg);
}

.notice.warning {
  background: var(--warning-bg);
}

.notice.danger {
  background: var(--danger-bg);
  color: var(--danger);
}

.alarms {
  display: grid;
  gap: 0.5rem;
  margin: 0 0 0.8rem;
  padding: 0;
  list-style: none;
}

.alarms a {
  color: inherit;
}

.empty {
  padding: 1.4rem;
  background: var(--card);
  border: 1px dashed var(--line);
  border-radius: 12px;
  color: var(--muted);
  text-align: center;
}

.badge {
  display: inline-block;
  padding: 0.05rem 0.5rem;
  background: var(--neutral-bg);
  border-radius: 99px;
  font-size: 0.8rem;
  font-weight: 600;
  white-space: nowrap;
}

.badge.success {
  background: var(--success-bg);
  color: var(--success);
}

.badge.warning {
  background: var(--warning-bg);
  color: var(--warning);
}

.badge.danger {
  background: var(--danger-bg);
  color: var(--danger);
}

.badge.info {
  background: var(--info-bg);
  color: var(--info);
}

.tiles {
  display: grid;
  grid-template-columns: repeat(auto-fill, minmax(min(11rem, 42vw), 1fr));
  gap: 0.8rem;
}

.tiles.small {
  grid-template-columns: repeat(auto-fill, minmax(8rem, 1fr));
}

.tile {
  display: grid;
  align-content: start;
  gap: 0.15rem;
  padding: 0.9rem 1.1rem;
  background: var(--card);
  border: 1px solid var(--line);
  border-radius: 12px;
  color: inherit;
  text-decoration: none;
}

a.tile:hover {
  border-color: var(--accent);
}

.tile .value {
  font-size: 1.7rem;
  font-weight: 650;
  font-variant-numeric: tabular-nums;
  letter-spacing: -0.03em;
  line-height: 1.2;
}

.tiles.small .value {
  font-size: 1.25rem;
}

.tile .label {
  color: var(--muted);
  font-size: 0.9rem;
}

.tile.warning .value,
.tile.warning small {
  color: var(--warning);
}

.tile.danger .value,
.tile.danger small {
  color: var(--danger);
}
`;
