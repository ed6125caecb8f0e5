/** The frame of a page: navigation on the left, content on the right; one above the other on a narrow screen. */
export const frame = `
body {
  display: grid;
  grid-template-columns: 13.5rem minmax(0, 1fr);
  min-height: 100vh;
}

.skip {
  position: absolute;
  left: -99rem;
}

.skip:focus {
  left: 1rem;
  top: 1rem;
  z-index: 2;
  padding: 0.5rem 1rem;
  background: var(--card);
}

header {
  position: sticky;
  top: 0;
  display: flex;
  flex-direction: column;
  gap: 1.2rem;
  height: 100vh;
  padding: 1.2rem 0.9rem;
  overflow: auto;
  background: var(--card);
  border-right: 1px solid var(--line);
}

header ul {
  display: grid;
  gap: 0.1rem;
  margin: 0;
  padding: 0;
  list-style: none;
}

header li a {
  display: block;
  padding: 0.38rem 0.6rem;
  border-radius: 7px;
  color: inherit;
  text-decoration: none;
}

header li a:hover {
  background: var(--page);
}

header li a[aria-current] {
  background: var(--success-bg);
  color: var(--success);
  font-weight: 600;
}

.brand {
  display: flex;
  gap: 0.5rem;
  align-items: center;
  padding: 0 0.5rem;
  color: inherit;
  font-size: 1.1rem;
  font-weight: 650;
  letter-spacing: -0.01em;
  text-decoration: none;
}

.logo {
  fill: var(--accent);
}

.logo .tick {
  fill: none;
  stroke: var(--card);
  stroke-width: 2.2;
  stroke-linecap: round;
  stroke-linejoin: round;
}

.search {
  padding: 0 0.5rem;
}

.account {
  display: flex;
  flex-wrap: wrap;
  gap: 0.3rem 0.7rem;
  align-items: center;
  margin-top: auto;
  padding: 0 0.5rem;
  color: var(--muted);
  font-size: 0.85rem;
}

.account span,
.account small {
  flex-basis: 100%;
  overflow-wrap: anywhere;
}

main {
  width: 100%;
  max-width: 78rem;
  padding: 1.6rem 2rem 4rem;
}

main:focus {
  outline: none;
}

.bare {
  grid-column: 1 / -1;
  max-width: 26rem;
  margin: 12vh auto 0;
}

.bare .brand {
  padding: 0;
  font-size: 1.3rem;
}

.columns {
  display: grid;
  grid-template-columns: repeat(auto-fit, minmax(min(25rem, 100%), 1fr));
  gap: 0 2rem;
}

@media (max-width: 52rem) {
  body {
    display: block;
  }

  header {
    position: static;
    gap: 0.7rem;
    height: auto;
    padding: 0.8rem 1rem;
    border-right: 0;
    border-bottom: 1px solid var(--line);
  }

  header ul {
    display: flex;
    gap: 0.2rem;
    padding-bottom: 0.2rem;
    overflow-x: auto;
  }

  header li a {
    white-space: nowrap;
  }

  .account {
    margin: 0;
  }

  .account span,
  .account small {
    flex-basis: auto;
  }

  .account span {
    margin-right: auto;
  }

  main {
    padding: 1.1rem 1rem 3rem;
  }

  .bare {
    margin-top: 6vh;
  }
}
`;
