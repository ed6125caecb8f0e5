import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** An earlier commit, built in a worktree of its own. */
export type Before = { commit: string; folder: string; remove(): void };

/**
 * Builds a commit beside this one. It shares the installed packages where its lock file is the same, and installs its
 * own otherwise.
 */
export function buildBefore(commit: string): Before {
  const root = process.cwd();
  const git = (...args: string[]) => execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim();
  const resolved = git("rev-parse", "--short", `${commit}^{commit}`);
  const folder = path.join(mkdtempSync(path.join(tmpdir(), "hakika-before-")), "hakika");
  git("worktree", "add", "--detach", folder, resolved);
  const remove = () => void git("worktree", "remove", "--force", folder);
  try {
    const lockOf = (at: string) => readFileSync(path.join(at, "package-lock.json"), "utf8");
    if (lockOf(folder) === lockOf(root))
      symlinkSync(path.join(root, "node_modules"), path.join(folder, "node_modules"));
    else execFileSync("npm", ["ci", "--ignore-scripts"], { cwd: folder, stdio: ["ignore", 2, 2] });
    execFileSync(process.execPath, ["bin/build.js"], { cwd: folder, stdio: ["ignore", 2, 2] });
  } catch (error) {
    remove();
    throw error;
  }
  return { commit: resolved, folder, remove };
}
