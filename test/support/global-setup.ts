import path from "node:path";
import type { TestProject } from "vitest/node";
import { makeRunFolder, removeLeftovers, removeRunFolder } from "./run-folder.ts";
import { startTestServer } from "./server.ts";
import { dropDatabases, dropOldDatabases, makeTemplate, newRunName } from "./template.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Address of the maintenance database on the server that the test databases are made on. */
    serverUrl: string;
    /** Name of the migrated database that test databases are clones of, and beginning of their names. */
    template: string;
    /** This run's folder; whatever is below it is ended and removed after the run. */
    runFolder: string;
    /** PostgreSQL's programs, where the run has unpacked some already. */
    postgresBin: string | undefined;
  }
}

/** One server for the whole run: a given one, else an embedded one; one template database, migrated once. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  removeLeftovers();
  const runFolder = makeRunFolder();
  const server = await startTestServer(path.join(runFolder, "server"));
  await dropOldDatabases(server.url);
  const template = newRunName();
  await makeTemplate(server.url, template);
  project.provide("serverUrl", server.url);
  project.provide("template", template);
  project.provide("runFolder", runFolder);
  project.provide("postgresBin", server.bin);
  return async () => {
    await dropDatabases(server.url, name => name.startsWith(template));
    await server.stop();
    removeRunFolder(runFolder);
  };
}
