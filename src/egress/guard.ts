import { isIP, type LookupFunction, type Socket } from "node:net";
import { buildConnector } from "undici";
import { type AddressRange, addressProblem } from "./address.ts";
import { refusedCode } from "./failure.ts";
import type { DnsLookup } from "./lookup.ts";

/** Starts to connect. Returns the socket at once, so that connecting can be aborted; `callback` gets it connected. */
export type Connect = (options: buildConnector.Options, callback: buildConnector.Callback) => Socket | null;

/**
 * How long one address of a name is tried before the next, in ms. Node's default of 250 ms is shorter than a connection
 * from Nairobi to the west coast of America takes (300 ms).
 */
const addressAttemptMs = 2000;

/**
 * Connectors that reach public addresses and those in `allow`, and no others. There are three checks, because each
 * alone can be avoided: literal addresses, which are never looked up; the addresses of a name, which is refused if one
 * of its addresses is refused, so that retries cannot pick a private one out of a mixed answer; and the address that
 * the socket has connected to, whatever the lookup returned.
 *
 * `build` is undici's connector, replaced in tests. Connecting has no timeout here: the request's timeout covers it.
 */
export function guardedConnectors(options: {
  allow: readonly AddressRange[];
  lookup: DnsLookup;
  ca?: string | undefined;
  build?: typeof buildConnector;
}): { http: Connect; https: Connect } {
  const { allow, lookup, ca, build = buildConnector } = options;

  function guardedConnector(isHttp: boolean): Connect {
    const problemOf = (address: string) => addressProblem(address, allow, isHttp);
    const connect = build({
      timeout: 0,
      allowH2: false,
      rejectUnauthorized: true,
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: addressAttemptMs,
      lookup: guardedLookup(lookup, problemOf),
      ...(ca !== undefined && { ca }),
    }) as Connect;
    return (target, callback) => {
      const problem = isIP(target.hostname) === 0 ? null : problemOf(target.hostname);
      if (problem !== null) {
        queueMicrotask(() => callback(refusalError(problem), null));
        return null;
      }
      return connect(target, (...outcome) => {
        const socket = outcome[1];
        if (socket === null || socket === undefined) return callback(...outcome);
        const error = connectedError(socket, problemOf);
        if (error === null) return callback(null, socket);
        socket.destroy();
        callback(error, null);
      });
    };
  }

  return { http: guardedConnector(true), https: guardedConnector(false) };
}

type ProblemOf = (address: string) => string | null;

export function connectedError(socket: Socket, problemOf: ProblemOf): Error | null {
  // The socket is closed again: its address is unknown.
  if (socket.remoteAddress === undefined) return Object.assign(new Error("closed"), { code: "ECONNRESET" });
  const problem = problemOf(socket.remoteAddress);
  return problem === null ? null : refusalError(problem);
}

export function guardedLookup(lookup: DnsLookup, problemOf: ProblemOf): LookupFunction {
  return (name, options, callback) => {
    lookup(name).then(
      addresses => {
        const problem = addresses.map(problemOf).find(found => found !== null);
        if (problem !== undefined) return callback(refusalError(problem), "");
        if (addresses.length === 0) return callback(Object.assign(new Error(name), { code: "ENOTFOUND" }), "");
        const answers = addresses.map(address => ({ address, family: isIP(address) }));
        if (options.all) callback(null, answers);
        else callback(null, answers[0]!.address, answers[0]!.family);
      },
      error => callback(error, ""),
    );
  };
}

export function refusalError(problem: string): Error {
  return Object.assign(new Error(problem), { code: refusedCode });
}
