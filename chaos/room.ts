import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import path from "node:path";

/** A folder that may be filled to its last byte. */
export type Room = {
  folder: string;
  /** Whether it is a file system of its own; without the right to mount one it is not, and `fill` must not be called. */
  isOwn: boolean;
  fill(): Promise<void>;
  empty(): void;
  remove(): void;
};

const pieceBytes = 1_048_576;

/** Makes `folder` a small file system in memory where the system allows it, else a usual folder. */
export function makeRoom(folder: string, megabytes: number): Room {
  mkdirSync(folder, { recursive: true });
  const isOwn = mount(folder, megabytes);
  chmodSync(folder, 0o755);
  const filler = path.join(folder, "filler");
  return {
    folder,
    isOwn,
    async fill() {
      const piece = Buffer.alloc(pieceBytes);
      const file = await open(filler, "w");
      try {
        for (;;) await file.write(piece);
      } catch {
        // It is full, as it should be.
      } finally {
        await file.close();
      }
    },
    empty: () => rmSync(filler, { force: true }),
    remove() {
      if (isOwn) execFileSync("umount", ["-l", folder], { stdio: "ignore" });
      rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
}

function mount(folder: string, megabytes: number): boolean {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m,mode=755`, "tmpfs", folder], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
