import { connect, type Socket } from "node:net";

export type Host = { host: string; port: number };

const standardPort = 5432;

/** A connection that has lasted so long had served: the attempt to make one ends after 5 s. */
const servedMs = 6_000;

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

/** What postgres.js knows of a client's server, as far as it is read here. */
type ClientState = { parameters: { in_hot_standby?: string } };

/**
 * The `socket` option of postgres.js: a connection to the host that served last, and after one that failed to the next
 * host. postgres.js itself goes through several hosts without any wait between two attempts, and a statement never
 * fails meanwhile; with one host at a time its waits apply, and a statement fails as on a single server.
 *
 * A connection has failed where it ended before its server said that it is no standby: it was refused, timed out, or
 * the server is starting.
 */
export function socketToPrimary(hosts: readonly Host[]): (client: ClientState) => Socket {
  const names = JSON.stringify(hosts);
  const place = places.get(names) ?? { current: 0 };
  places.set(names, place);
  return ({ parameters }) => {
    const tried = place.current;
    const { host, port } = hosts[tried]!;
    const openedMs = performance.now();
    // What the server of an earlier connection said.
    delete parameters.in_hot_standby;
    const goOn = () => {
      const hasServed = parameters.in_hot_standby === "off" || performance.now() - openedMs >= servedMs;
      if (!hasServed && place.current === tried) place.current = (tried + 1) % hosts.length;
    };
    const socket = connect({ host, port });
    socket.once("close", goOn);
    // postgres.js takes every listener away when the server answers that it speaks TLS.
    socket.once("data", () => setImmediate(() => socket.once("close", goOn)));
    // The name that a certificate is checked against.
    return Object.assign(socket, { host, port });
  };
}
