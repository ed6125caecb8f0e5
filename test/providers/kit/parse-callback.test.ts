import { expect, test } from "vitest";
import { parseCallback, parseQuery } from "../../../src/providers/kit/parse-callback.ts";

const empty = { query: {}, headers: {}, body: new Uint8Array() };
const json = new TextEncoder().encode('{"a":1}');

test("a query is decoded, and a repeated name keeps its last value", () => {
  expect({ ...parseQuery("a=1&b=x%20y+z&a=2&c") }).toEqual({ a: "2", b: "x y z", c: "" });
  expect({ ...parseQuery("") }).toEqual({});
  expect({ ...parseQuery("%zz=%") }).toEqual({ "%zz": "%" });
  expect(Object.keys(parseQuery("__proto__=1"))).toEqual(["__proto__"]);
});

test("the fields of a GET are its query, those of anything else its body", () => {
  expect(parseCallback({ ...empty, method: "GET", query: { a: "1" } }, false)).toEqual({
    kind: "object",
    value: { a: "1" },
  });
  for (const method of ["GET", "POST", "PUT"] as const) {
    const parsed = parseCallback({ ...empty, method, query: { b: "2" }, body: json }, false);
    expect(parsed, method).toEqual({ kind: "object", value: { a: 1 } });
  }
  expect(parseCallback({ ...empty, method: "GET" }, false).kind).toBe("unparsable");
  expect(parseCallback({ ...empty, method: "POST", query: { a: "1" } }, false).kind).toBe("unparsable");
});
