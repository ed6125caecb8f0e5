import { realpathSync, statSync } from "node:fs";
import path from "node:path";
import type { SystemAccount } from "./account.ts";

/**
 * Whether the account may enter `folder` and everything above it, by the permission bits. An access list may allow more
 * than the bits say; then the answer is `false`, and the detour it leads to works as well.
 */
export function canEnter(folder: string, account: SystemAccount): boolean {
  if (account === null) return true;
  return withAncestors(realpathSync(folder)).every(each => {
    const { mode, uid, gid } = statSync(each);
    if (uid === account.uid) return (mode & 0o100) !== 0;
    if (gid === account.gid) return (mode & 0o010) !== 0;
    return (mode & 0o001) !== 0;
  });
}

/**
 * What to call the data folder when talking to a PostgreSQL program that was started inside of it. PostgreSQL turns
 * relative names into absolute ones and then walks them from the root, which its account may not do below a folder like
 * /root. `/proc/self/cwd` is absolute as it stands and leads to the folder the process is already in, without the walk:
 * the folder is entered while still root.
 */
export function nameForServer(cluster: string, account: SystemAccount): string {
  if (canEnter(path.dirname(cluster), account)) return cluster;
  if (process.platform === "linux") return "/proc/self/cwd";
  throw new Error(
    `The user ${account?.name} that PostgreSQL runs as may not enter ${path.dirname(cluster)}. ` +
      "Choose another HAKIKA_DATA_DIR, or run Hakika as a user other than root.",
  );
}

function withAncestors(folder: string): string[] {
  const parent = path.dirname(folder);
  return parent === folder ? [folder] : [...withAncestors(parent), folder];
}
