import { isIP, type LookupFunction, type Socket } from "node:net";
import { buildConnector } from "undici";
import { type AddressRange, judgeAddress } from "./address.ts";
import { refusedCode } from "./failure.ts";
import type { DnsLookup } from "./lookup.ts";

/** Opens a connection and hands the socket over twice: at once, to be given up while it connects, and once it is connected. */
export type Connect = (options: buildConnector.Options, callback: buildConnector.Callback) => Socket | null;

/**
 * How long one of several addresses of a name is tried before the next, in ms. Node's own 250 ms give up servers that are merely
 * far away: Nairobi to the west of America takes 300.
 */
const addressAttemptMs = 2000;

/**
 * Connectors that reach public addresses and those in `allow`, and nothing else. Three checks, because each alone has a way
 * around it: literal addresses never reach the lookup; a name is refused if any of its addresses is, so that a mixed answer cannot
 * be retried until it fits; and the address the socket did connect to is checked whatever the lookup said.
 *
 * `build` is undici's, but for tests. There is no time-out for connecting here: a request's own covers it.
 */
export function guardedConnectors(options: {
  allow: readonly AddressRange[];
  lookup: DnsLookup;
  ca?: string | undefined;
  build?: typeof buildConnector;
}): { http: Connect; https: Connect } {
  const { allow, lookup, ca, build = buildConnector } = options;

  function guarded(plain: boolean): Connect {
    const judge = (address: string) => judgeAddress(address, allow, plain);
    const connect = build({
      timeout: 0,
      allowH2: false,
      rejectUnauthorized: true,
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: addressAttemptMs,
      lookup: guardedLookup(lookup, judge),
      ...(ca !== undefined && { ca }),
    }) as Connect;
    return (target, callback) => {
      const problem = isIP(target.hostname) === 0 ? null : judge(target.hostname);
      if (problem !== null) {
        queueMicrotask(() => callback(refusal(problem), null));
        return null;
      }
      return connect(target, (...outcome) => {
        const socket = outcome[1];
        if (socket === null || socket === undefined) return callback(...outcome);
        const unfit = connectedProblem(socket, judge);
        if (unfit === null) return callback(null, socket);
        socket.destroy();
        callback(unfit, null);
      });
    };
  }

  return { http: guarded(true), https: guarded(false) };
}

function connectedProblem(socket: Socket, judge: (address: string) => string | null): Error | null {
  // Already gone again: nothing says where it led.
  if (socket.remoteAddress === undefined) return Object.assign(new Error("gone"), { code: "ECONNRESET" });
  const problem = judge(socket.remoteAddress);
  return problem === null ? null : refusal(problem);
}

function guardedLookup(lookup: DnsLookup, judge: (address: string) => string | null): LookupFunction {
  return (name, options, callback) => {
    lookup(name).then(
      addresses => {
        const problem = addresses.map(judge).find(found => found !== null);
        if (problem !== undefined) return callback(refusal(problem), "");
        if (addresses.length === 0) return callback(Object.assign(new Error(name), { code: "ENOTFOUND" }), "");
        const answers = addresses.map(address => ({ address, family: isIP(address) }));
        if (options.all) callback(null, answers);
        else callback(null, answers[0]!.address, answers[0]!.family);
      },
      error => callback(error, ""),
    );
  };
}

function refusal(problem: string): Error {
  return Object.assign(new Error(problem), { code: refusedCode });
}
