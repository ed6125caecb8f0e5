import { readFileSync } from "node:fs";

/** The user PostgreSQL runs as; `null` is the user that runs the program. */
export type SystemAccount = { name: string; uid: number; gid: number } | null;

const unprivilegedNames = ["postgres", "nobody"] as const;

/** PostgreSQL refuses to run as root, so a program run by root starts it as an unprivileged user. */
export function serverAccount(): SystemAccount {
  if (process.getuid?.() !== 0) return null;
  const account = firstAccount(readFileSync("/etc/passwd", "utf8"), unprivilegedNames);
  if (account) return account;
  throw new Error(
    `PostgreSQL does not run as root, and there is no user ${unprivilegedNames.join(" or ")} to run it as. ` +
      "Run Hakika as another user, or set DATABASE_URL to a server of your own.",
  );
}

/** The first of `names` in a passwd(5) file. Negative ids (-2 on macOS) are taken as the system takes them. */
export function firstAccount(passwd: string, names: readonly string[]): SystemAccount {
  const rows = passwd.split("\n").map(line => line.split(":"));
  for (const name of names) {
    const row = rows.find(fields => fields[0] === name);
    if (row) return { name, uid: Number(row[2]) >>> 0, gid: Number(row[3]) >>> 0 };
  }
  return null;
}
