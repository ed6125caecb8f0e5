import { expect, test } from "vitest";
import { checkHeader, headerList, reservedHeaders } from "../../src/egress/headers.ts";

const defaults = [["user-agent", "Hakika/1"]] as const;

test("the caller's header replaces the default, in any case of letters", () => {
  expect(headerList({ "X-Shop": "1" }, defaults)).toEqual(["X-Shop", "1", "user-agent", "Hakika/1"]);
  expect(headerList({ "User-Agent": "Shop" }, defaults)).toEqual(["User-Agent", "Shop"]);
});

test.each([...reservedHeaders, "Host", "Transfer-Encoding"])(
  "the header %s, which belongs to the connection, cannot be set",
  name => {
    expect(headerList({ [name]: "x" }, defaults)).toEqual({ problem: `the header ${name} cannot be set` });
  },
);

test.each([
  ["a b", "x"],
  ["", "x"],
  ["x:", "x"],
  ["x", "hush\r\nhost: evil"],
  ["x", "hush\u0000"],
  ["x", "hush €"],
  ["x", "hush".repeat(2000)],
])("a header that would break the request is refused, and the refusal omits its value: %j", (name, value) => {
  expect(checkHeader(name, value)).toEqual(expect.any(String));
  expect(checkHeader(name, value)).not.toContain("hush");
});
