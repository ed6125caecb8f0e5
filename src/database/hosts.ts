import { connect, type Socket } from "node:net";

export type Host = { host: string; port: number };

const standardPort = 5432;

/**
 * A connection that ends sooner had reached no primary: it was refused, ended because its server is a standby or is
 * starting, or timed out (5 s). One too many costs an attempt at the next host, which refuses or takes it.
 */
const provenMs = 6_000;

/** Hosts as libpq separates them, `host1:port,host2:port`; an IPv6 address in brackets. */
export function parseHosts(named: string): Host[] {
  return named.split(",").map(each => {
    const [, literal, name = "", port] = /^(?:\[(.*)\]|([^:]*))(?::(\d+))?$/.exec(each) ?? [];
    return { host: decodeURIComponent(literal ?? name) || "localhost", port: Number(port ?? standardPort) };
  });
}

/**
 * Whether to connect to a primary alone: where several hosts are named, or it is said. Null where
 * `target_session_attrs` asks for what cannot be written to.
 */
export function isPrimaryWanted(attributes: string | null, hosts: number): boolean | null {
  switch (attributes) {
    case null:
    case "":
    case "any":
      return hosts > 1;
    case "read-write":
    case "primary":
      return true;
    default:
      return null;
  }
}

/** The host of each list that served last: what one client has found out spares the others a failed statement. */
const places = new Map<string, { current: number }>();

/**
 * The `socket` option of postgres.js: a connection to the host that served last, and after one that failed to the next
 * host. postgres.js itself goes through several hosts without any wait between two attempts, and a statement never
 * fails meanwhile; with one host at a time its waits apply, and a statement fails as on a single server.
 */
export function socketToPrimary(hosts: readonly Host[]): () => Socket {
  const names = JSON.stringify(hosts);
  const place = places.get(names) ?? { current: 0 };
  places.set(names, place);
  return () => {
    const tried = place.current;
    const { host, port } = hosts[tried]!;
    const openedMs = performance.now();
    const goOn = () => {
      const isProven = performance.now() - openedMs >= provenMs;
      if (!isProven && place.current === tried) place.current = (tried + 1) % hosts.length;
    };
    const socket = connect({ host, port });
    socket.once("close", goOn);
    // postgres.js takes every listener away when the server answers that it speaks TLS.
    socket.once("data", () => setImmediate(() => socket.once("close", goOn)));
    // The name that a certificate is checked against.
    return Object.assign(socket, { host, port });
  };
}
