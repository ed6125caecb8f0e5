import {
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { firstAccount } from "../../src/embedded-postgres/account.ts";
import { binariesPackage } from "../../src/embedded-postgres/binaries.ts";
import { installBinaries } from "../../src/embedded-postgres/install.ts";
import { newDataFolder } from "../support/data-folder.ts";

test("a package whose links npm has dropped gets them in its copy", () => {
  const { source, target } = fakePackage();
  expect(installBinaries(source, target)).toBe(path.join(target, "bin"));
  expect(readlinkSync(path.join(target, "lib", "libpq.so"))).toBe("libpq.so.5.18");
  expect(readFileSync(path.join(target, "lib", "libpq.so"), "utf8")).toBe("library");
});

test("a package whose links are there already is copied all the same", () => {
  const { source, target } = fakePackage();
  installBinaries(source, target);
  const again = `${target}-again`;
  installBinaries({ native: target, version: "18" }, again);
  expect(existsSync(path.join(again, "bin", "postgres"))).toBe(true);
});

test("every account may read and run the copy, whatever the package's permissions are", () => {
  const { source, target } = fakePackage(0o700);
  installBinaries(source, target);
  expect(statSync(target).mode & 0o777).toBe(0o755);
  expect(statSync(path.join(target, "bin", "postgres")).mode & 0o777).toBe(0o755);
  expect(statSync(path.join(target, "share", "postgres.bki")).mode & 0o777).toBe(0o644);
});

test("what only a compiler needs is not copied", () => {
  const { source, target } = fakePackage();
  installBinaries(source, target);
  expect(existsSync(path.join(target, "lib", "libpq.a"))).toBe(false);
});

test("a copy that a power cut has damaged is made again", () => {
  const { source, target } = fakePackage();
  installBinaries(source, target);
  truncateSync(path.join(target, "lib", "libpq.so.5.18"));
  rmSync(path.join(target, "share"), { recursive: true });
  installBinaries(source, target);
  expect(readFileSync(path.join(target, "lib", "libpq.so"), "utf8")).toBe("library");
  expect(existsSync(path.join(target, "share", "postgres.bki"))).toBe(true);
});

test("a machine without binaries is told to set DATABASE_URL", () => {
  expect(() => binariesPackage("sunos", "sparc")).toThrow(/sunos sparc.*DATABASE_URL/);
});

test("the server's account is the first of the wanted that the system has, with ids as the system takes them", () => {
  const passwd = "root:x:0:0::/root:/bin/sh\nnobody:*:-2:-2::/:/bin/false\npostgres:x:101:104::/:/bin/sh\n";
  expect(firstAccount(passwd, ["postgres", "nobody"])).toEqual({ name: "postgres", uid: 101, gid: 104 });
  expect(firstAccount(passwd, ["nobody"])).toEqual({ name: "nobody", uid: 4_294_967_294, gid: 4_294_967_294 });
  expect(firstAccount(passwd, ["nginx"])).toBeNull();
});

function fakePackage(mode = 0o755) {
  const home = newDataFolder();
  const native = path.join(home, "native");
  for (const folder of ["bin", "lib", "share"]) mkdirSync(path.join(native, folder), { recursive: true, mode });
  writeFileSync(path.join(native, "bin", "postgres"), "program", { mode });
  writeFileSync(path.join(native, "lib", "libpq.so.5.18"), "library", { mode });
  writeFileSync(path.join(native, "lib", "libpq.a"), "static", { mode });
  writeFileSync(path.join(native, "share", "postgres.bki"), "data", { mode });
  const link = { source: "native/lib/libpq.so.5.18", target: "native/lib/libpq.so" };
  writeFileSync(path.join(native, "pg-symlinks.json"), JSON.stringify([link]));
  return { source: { native, version: "18" }, target: path.join(home, "copy") };
}
