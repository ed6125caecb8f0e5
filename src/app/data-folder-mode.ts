import { chmodSync, mkdirSync, statSync } from "node:fs";
import { serverAccount } from "../embedded-postgres/account.ts";
import type { Config } from "./config.ts";

/** Only the program's own user may look into the folder: keys, spool and database are in it. */
const closed = 0o700;
/** The embedded database runs as a user of its own, who has to pass through, and may list nothing. */
const passable = 0o711;

/**
 * Makes the data folder where it is missing, and takes away what others may do in it. Throws where that cannot be
 * changed: another user could then put a key of their own in place.
 */
export function closeDataFolder({ dataDir, databaseUrl }: Pick<Config, "dataDir" | "databaseUrl">): void {
  mkdirSync(dataDir, { recursive: true, mode: closed });
  if (process.platform === "win32") return;
  const wanted = databaseUrl === null && serverAccount() !== null ? passable : closed;
  const mode = statSync(dataDir).mode & 0o777;
  if (mode === wanted) return;
  try {
    chmodSync(dataDir, wanted);
  } catch (error) {
    throw new Error(
      `other users may read or write the data folder ${dataDir} (mode ${mode.toString(8)}), and this user cannot ` +
        `change that: chmod ${wanted.toString(8)} as its owner`,
      { cause: error },
    );
  }
}
