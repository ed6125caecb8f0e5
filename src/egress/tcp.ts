import { connect, isIP, type Socket } from "node:net";
import { type AddressRange, addressProblem } from "./address.ts";
import { connectedError, guardedLookup, refusalError } from "./guard.ts";
import { createLookup, type DnsLookup } from "./lookup.ts";

/**
 * A connection to a host and port with the same checks of addresses as every request (guard.ts), for protocols other
 * than HTTP. Rejects with what went wrong; the texts name no private address.
 */
export function connectTcp(options: {
  host: string;
  port: number;
  allow: readonly AddressRange[];
  /** In ms. */
  timeoutMs: number;
  lookup?: DnsLookup;
}): Promise<Socket> {
  const { host, port, allow, timeoutMs, lookup = createLookup() } = options;
  const problemOf = (address: string) => addressProblem(address, allow, false);
  const problem = isIP(host) === 0 ? null : problemOf(host);
  if (problem !== null) return Promise.reject(refusalError(problem));
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, lookup: guardedLookup(lookup, problemOf), autoSelectFamily: true });
    const timer = setTimeout(() => fail(new Error("the connection could not be made in time")), timeoutMs);
    const fail = (error: Error) => {
      clearTimeout(timer);
      socket.destroy();
      reject(error);
    };
    socket.once("error", fail);
    socket.once("connect", () => {
      const refused = connectedError(socket, problemOf);
      if (refused !== null) return fail(refused);
      clearTimeout(timer);
      socket.off("error", fail);
      resolve(socket);
    });
  });
}
