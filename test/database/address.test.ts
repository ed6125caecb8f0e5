import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { addressOf } from "../../src/database/address.ts";
import { newDataFolder } from "../support/data-folder.ts";

test("a plain URL stays as it is", () => {
  const url = "postgres://user:secret@db.example:5433/hakika?sslmode=require";
  expect(addressOf(url)).toEqual({ url, options: {} });
});

test("an IPv6 address is taken whole", () => {
  expect(addressOf("postgres://user@[fd00::1]:5433/hakika").options).toEqual({ host: ["fd00::1"], port: [5433] });
});

test("a socket's folder is taken as the host", () => {
  expect(addressOf("postgresql:///hakika?host=/run/postgresql")).toEqual({
    url: "postgresql:///hakika",
    options: { path: "/run/postgresql/.s.PGSQL.5432" },
  });
});

test("what only libpq understands is not sent to the server", () => {
  const { url } = addressOf("postgres://db.example/hakika?sslmode=require&channel_binding=require&gssencmode=disable");
  expect(url).toBe("postgres://db.example/hakika?sslmode=require");
});

test("a root certificate is trusted, and the server's name is checked where that is asked for", () => {
  const ca = newDataFolder();
  writeFileSync(ca, "certificate");
  const optionsOf = (mode: string) =>
    addressOf(`postgres://db.example/hakika?sslmode=${mode}&sslrootcert=${ca}`).options;
  expect(optionsOf("verify-full")).toEqual({ ssl: { ca: "certificate" } });
  expect(optionsOf("verify-ca").ssl?.checkServerIdentity?.()).toBeUndefined();
  expect(optionsOf("disable")).toEqual({});
});
