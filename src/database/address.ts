import { readFileSync } from "node:fs";
import { type Host, isPrimaryWanted, parseHosts, socketToPrimary } from "./hosts.ts";

/** Connection options that postgres.js does not read from a URL. */
export type Address = {
  url: string;
  options: {
    host?: string;
    port?: number;
    path?: string;
    ssl?: { ca?: string; checkServerIdentity?: () => undefined };
    target_session_attrs?: "primary";
    socket?: ReturnType<typeof socketToPrimary>;
  };
};

/** Parameters of libpq in a URL. A server refuses them as unknown settings if they are passed on to it. */
const libpqOnly = ["channel_binding", "gssencmode", "sslcert", "sslkey", "sslcrl", "sslcompression"] as const;

/**
 * Takes a `DATABASE_URL` as libpq does. Left alone, postgres.js 3.4 cuts a bracketed IPv6 address at its first colon,
 * sends `?host=/run/postgresql` (a socket's folder) and `?sslrootcert=ca.pem` to the server as settings, and takes a
 * hot standby for a server of `target_session_attrs=read-write`.
 */
export function addressOf(databaseUrl: string): Address {
  const { url, hosts } = splitHosts(databaseUrl);
  const take = (name: string): string | null => {
    const value = url.searchParams.get(name);
    url.searchParams.delete(name);
    return value;
  };
  for (const name of libpqOnly) take(name);
  const rootCertificate = take("sslrootcert");
  const wantsPrimary = isPrimaryWanted(take("target_session_attrs"), hosts.length);
  const port = Number(url.port) || 5432;
  const socketFolder = take("host");
  if (socketFolder !== null) return { url: url.href, options: { path: `${socketFolder}/.s.PGSQL.${port}` } };
  const literal = /^\[(.*)\]$/.exec(url.hostname)?.[1];
  const host = literal === undefined ? {} : { host: whole(literal), port: whole(port) };
  const tls = trust(rootCertificate, url.searchParams.get("sslmode"));
  return { url: url.href, options: { ...host, ...tls, ...(wantsPrimary && toPrimary(hosts)) } };
}

/**
 * Why a `DATABASE_URL` cannot be used, without repeating it, for it may hold a password; null where it can be tried.
 */
export function addressProblem(databaseUrl: string): string | null {
  const split = /^postgres(ql)?:\/\/\S+$/.test(databaseUrl) ? canSplit(databaseUrl) : null;
  if (split === null) {
    return "write postgres://user:password@host:5432/database, signs such as / and @ in the password as %2F and %40";
  }
  try {
    const { username, password } = split;
    decodeURIComponent(username + password);
  } catch {
    return "the user or password has a % that is not the beginning of an escape: write it as %25";
  }
  if (isPrimaryWanted(split.searchParams.get("target_session_attrs"), 1) === null) {
    return "target_session_attrs must be read-write or primary: this program writes";
  }
  try {
    addressOf(databaseUrl);
    return null;
  } catch {
    return "the file that sslrootcert names cannot be read";
  }
}

function canSplit(databaseUrl: string): URL | null {
  try {
    return splitHosts(databaseUrl).url;
  } catch {
    return null;
  }
}

/** A URL that names the first host alone, as `URL` takes it, and all hosts. Throws where it is no URL. */
function splitHosts(databaseUrl: string): { url: URL; hosts: Host[] } {
  const [, start = "", named = "", rest = ""] = /^([a-z]+:\/\/(?:[^@/?#]*@)?)([^/?#]*)(.*)$/s.exec(databaseUrl) ?? [];
  const first = named.split(",")[0]!;
  const url = new URL(named.includes(",") ? `${start}${first}${rest}` : databaseUrl);
  return { url, hosts: parseHosts(named) };
}

function toPrimary(hosts: Host[]): Address["options"] {
  const names = hosts.map(({ host, port }) => `${host}:${port}`).join(",");
  return {
    // In messages alone: the socket chooses.
    host: whole(names),
    port: whole(hosts[0]!.port),
    target_session_attrs: "primary",
    socket: socketToPrimary(hosts),
  };
}

/**
 * As libpq: a root certificate is checked from `require` on, the server's name at `verify-full` and for the system's
 * roots.
 */
function trust(certificate: string | null, mode: string | null): Pick<Address["options"], "ssl"> {
  if (certificate === null || mode === "disable") return {};
  if (certificate === "system") return { ssl: {} };
  const ca = readFileSync(certificate, "utf8");
  return { ssl: mode === "verify-full" ? { ca } : { ca, checkServerIdentity: () => undefined } };
}

// Only a list is taken as it stands, which the types of postgres.js do not know.
function whole<T extends string | number>(value: T): T {
  return [value] as unknown as T;
}
