import { type AddressInfo, createServer } from "node:net";
import type { ListenAddress } from "./listen-address.ts";

/** The variables that name a listen address. */
type Names = { host: string; port: string };

const publicNames: Names = { host: "HOST", port: "PORT" };
export const adminNames: Names = { host: "HAKIKA_ADMIN_LISTEN", port: "HAKIKA_ADMIN_LISTEN" };

/** Why a listen address cannot be had, and what to do. */
export function listenProblem(error: unknown, { host, port }: ListenAddress, names: Names = publicNames): Error {
  const { code, message } = error as NodeJS.ErrnoException;
  const words = {
    EADDRINUSE: `port ${port} on ${host} is in use: set ${names.port} to another, or is Hakika running already?`,
    EACCES: `port ${port} on ${host} is not permitted to this user: set ${names.port} to one from 1024 on`,
    EADDRNOTAVAIL: `${host} is no address of this machine: set ${names.host} to one that is, or to 0.0.0.0 for all`,
    ENOTFOUND: `${host} is not known: set ${names.host} to an address of this machine, or to 0.0.0.0 for all`,
  }[code ?? ""];
  return new Error(words ?? `cannot listen on ${host} port ${port}: ${message}`, { cause: error });
}

/**
 * Throws where the listen address cannot be had now; other processes are to listen there. Returns the port, which is
 * a free one for 0.
 */
export async function checkListenAddress(address: ListenAddress, names: Names = publicNames): Promise<number> {
  const server = createServer();
  return await new Promise((resolve, reject) => {
    server.once("error", error => reject(listenProblem(error, address, names)));
    // Not as a part of a cluster, whose first process this may be.
    server.listen({ ...address, exclusive: true }, () => {
      const { port: bound } = server.address() as AddressInfo;
      server.close(() => resolve(bound));
    });
  });
}
