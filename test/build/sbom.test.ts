import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, inject, test } from "vitest";
import { root } from "../architecture/sources.ts";

type Component = {
  "bom-ref": string;
  type: string;
  name: string;
  version: string;
  purl: string;
  hashes?: { alg: string; content: string }[];
};
type Bom = {
  bomFormat: string;
  specVersion: string;
  serialNumber: string;
  version: number;
  metadata: { component: Component };
  components: Component[];
  dependencies: { ref: string; dependsOn: string[] }[];
};
type Lock = { packages: Record<string, { version: string; integrity: string; dev?: boolean; link?: boolean }> };

test("the bill of materials has every production package with its checksum, and no development package", () => {
  const lock = JSON.parse(readFileSync(path.join(root, "package-lock.json"), "utf8")) as Lock;
  const production = Object.entries(lock.packages)
    .filter(([folder, { dev, link }]) => folder.includes("node_modules/") && !dev && !link)
    .map(([folder, { version, integrity }]) => ({
      name: folder.slice(folder.lastIndexOf("node_modules/") + "node_modules/".length),
      version,
      hashes: [{ alg: "SHA-512", content: Buffer.from(integrity.slice("sha512-".length), "base64").toString("hex") }],
    }));

  const bom = makeBom();

  const listed = bom.components.map(({ name, version, hashes }) => ({ name, version, hashes }));
  expect(listed).toHaveLength(production.length);
  expect(listed).toEqual(expect.arrayContaining(production));
});

test("the bill of materials is a CycloneDX document about this project", () => {
  const bom = makeBom();
  expect(bom).toMatchObject({ bomFormat: "CycloneDX", specVersion: "1.5", version: 1 });
  expect(bom.serialNumber).toMatch(/^urn:uuid:[\da-f]{8}-([\da-f]{4}-){3}[\da-f]{12}$/);
  expect(bom.metadata.component).toMatchObject({ type: "application", name: "hakika" });
  const refs = [bom.metadata.component, ...bom.components].map(component => component["bom-ref"]);
  expect(new Set(refs).size).toBe(refs.length);
  for (const { name, version, purl } of bom.components) {
    expect(purl).toBe(`pkg:npm/${name.replace("@", "%40")}@${version}`);
  }
  expect(bom.dependencies.map(({ ref }) => ref).sort()).toEqual([...refs].sort());
  expect(bom.dependencies.flatMap(({ dependsOn }) => dependsOn).filter(ref => !refs.includes(ref))).toEqual([]);
});

/** What `npm run sbom` writes. */
function makeBom(): Bom {
  const file = path.join(mkdtempSync(path.join(inject("runFolder"), "sbom-")), "sbom.cdx.json");
  execFileSync(process.execPath, [path.join(root, "bin/sbom.js"), file], { stdio: "ignore" });
  return JSON.parse(readFileSync(file, "utf8")) as Bom;
}
