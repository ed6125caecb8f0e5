import { randomBytes } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

/** Makes the data folder where it is missing. Throws where it cannot be written, and says which variable names it. */
export function checkDataFolder(dataDir: string): void {
  const probe = path.join(dataDir, `.probe-${randomBytes(6).toString("hex")}`);
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    writeFileSync(probe, "", { mode: 0o600 });
    rmSync(probe);
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    throw new Error(
      `the data folder ${dataDir} cannot be written (${reasons[code] ?? code}): set HAKIKA_DATA_DIR to a folder that ` +
        "this user may write, or give it this one",
      { cause: error },
    );
  }
}

const reasons: Record<string, string> = {
  EACCES: "permission denied",
  EPERM: "not permitted",
  EROFS: "the file system is read-only",
  ENOSPC: "the disk is full",
  EDQUOT: "the quota is used up",
  ENOTDIR: "a part of its path is a file",
  EEXIST: "a file has its name",
};
