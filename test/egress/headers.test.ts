import { expect, test } from "vitest";
import { checkHeader, headerList, reservedHeaders } from "../../src/egress/headers.ts";

const defaults = [["user-agent", "Hakika/1"]] as const;

test("a default gives way to the caller's own header, whatever its case", () => {
  expect(headerList({ "X-Shop": "1" }, defaults)).toEqual(["X-Shop", "1", "user-agent", "Hakika/1"]);
  expect(headerList({ "User-Agent": "Shop" }, defaults)).toEqual(["User-Agent", "Shop"]);
});

test.each([...reservedHeaders, "Host", "Transfer-Encoding"])("the connection's own header %s cannot be set", name => {
  expect(headerList({ [name]: "x" }, defaults)).toEqual({ problem: `the header ${name} cannot be set` });
});

test.each([
  ["a b", "x"],
  ["", "x"],
  ["x:", "x"],
  ["x", "hush\r\nhost: evil"],
  ["x", "hush\u0000"],
  ["x", "hush €"],
  ["x", "hush".repeat(2000)],
])("a header that would break the request is refused, without its value: %j", (name, value) => {
  expect(checkHeader(name, value)).toEqual(expect.any(String));
  expect(checkHeader(name, value)).not.toContain("hush");
});
