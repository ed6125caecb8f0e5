import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseBody } from "../../../src/providers/kit/parse-body.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const parse = (text: string, contentType = "application/json", forms = false) =>
  parseBody(bytes(text), contentType, forms);
const read = (text: string, contentType?: string, forms?: boolean) => {
  const parsed = parse(text, contentType, forms);
  return parsed.kind === "object" ? parsed.value : null;
};

describe("a body", () => {
  test("that is a JSON object is one whatever its Content-Type says", () => {
    for (const type of [
      "application/json",
      "text/plain",
      "",
      "application/x-www-form-urlencoded",
      "application/octet-stream",
    ])
      for (const forms of [true, false]) expect(read(' {"a":"b=c"}\n', type, forms)).toEqual({ a: "b=c" });
  });

  test("may begin with a byte order mark", () => {
    expect(read('\uFEFF{"a":1}')).toEqual({ a: 1 });
  });

  test("with a byte that is no UTF-8 loses the letter, not the payment", () => {
    const broken = parseBody(
      Uint8Array.from([...bytes('{"FirstName":"Jos'), 0xe9, ...bytes('"}')]),
      "application/json",
      false,
    );
    expect(broken).toEqual({ kind: "object", value: { FirstName: "Jos\uFFFD" } });
  });

  test("that is no object is unparsable, and the message says what it is", () => {
    const message = (text: string, forms = false) => {
      const parsed = parse(text, "application/json", forms);
      return parsed.kind === "unparsable" ? parsed.problem.message : null;
    };
    expect(message("")).toMatch(/empty/);
    expect(message("  \n")).toMatch(/empty/);
    expect(message("[]")).toMatch(/an array/);
    expect(message("null")).toMatch(/null/);
    expect(message("5")).toMatch(/a number/);
    expect(message('"a=b"', true)).toMatch(/a string/);
    expect(message('{"a":1')).toMatch(/not JSON/);
    expect(message('{"a":"b=c"', true)).toMatch(/neither JSON nor a form/);
    expect(message("a=b")).toMatch(/not JSON/);
    expect(message("secret-4711")).not.toMatch(/4711/);
  });

  test("is a form only where forms are allowed and something is set", () => {
    expect(read("a=1&b=x+y%2Bz&a=2", "application/x-www-form-urlencoded", true)).toEqual({ a: "2", b: "x y+z" });
    expect(read("text=", "", true)).toEqual({ text: "" });
    expect(read("a=%zz", "", true)).toEqual({ a: "%zz" });
    expect(read("hello", "application/x-www-form-urlencoded", true)).toBeNull();
    expect(read('<?xml version="1.0"?>', "text/xml", true)).toBeNull();
    expect(read('--x\r\nname="a"\r\n', "multipart/form-data; boundary=x", true)).toBeNull();
  });

  test("has keys of its own only: a prototype cannot be smuggled in", () => {
    const json = read('{"__proto__":{"polluted":true},"constructor":1}')!;
    expect(Object.keys(json)).toEqual(["__proto__", "constructor"]);
    expect(json.polluted).toBeUndefined();
    const form = read("__proto__=x&toString=y", "", true)!;
    expect(Object.keys(form)).toEqual(["__proto__", "toString"]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test("keeps the last of two equal keys", () => {
    expect(read('{"a":1,"a":2}')).toEqual({ a: 2 });
  });

  test("may be nested 64 deep and no deeper", () => {
    const nested = (depth: number) => parse(`${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`);
    expect(nested(64).kind).toBe("object");
    expect(nested(65)).toMatchObject({ kind: "unparsable", mayBeObject: true, problem: { message: /64 levels/ } });
    expect(parse("[".repeat(1_000_000))).toMatchObject({ kind: "unparsable", mayBeObject: false });
  });

  test("may have 20,000 values and no more, whatever its texts look like", () => {
    const list = (values: number) => parse(JSON.stringify({ list: Array.from({ length: values }, () => 1) }));
    expect(list(19_998).kind).toBe("object");
    expect(list(19_999)).toMatchObject({ kind: "unparsable", problem: { message: /20000 values/ } });
    expect(parse(JSON.stringify({ text: '[{",\\"'.repeat(30_000) })).kind).toBe("object");
    const form = (fields: number) =>
      parse(`${"a=1&".repeat(fields - 1)}a=1`, "application/x-www-form-urlencoded", true);
    expect([form(20_000).kind, form(20_001).kind]).toEqual(["object", "unparsable"]);
  });
});

describe("a number in JSON", () => {
  test("keeps every digit it was sent with", () => {
    const body =
      '{"id":12345678901234567890,"n":-9007199254740993,"d":[100.00000000000000001,"1234567890123456789"],"x":1.5e3,"t":20251018233026}';
    expect(read(body)).toEqual({
      id: "12345678901234567890",
      n: "-9007199254740993",
      d: ["100.00000000000000001", "1234567890123456789"],
      x: 1500,
      t: 20251018233026,
    });
  });

  test("inside a text is text, whatever quotes and backslashes stand around it", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom('"', "\\", '\\"', "1234567890123456789")), { maxLength: 8 }),
        parts => {
          const value = { [`k${parts.join("")}`]: parts.join(""), list: parts, long: "1".repeat(20) };
          expect(read(JSON.stringify(value))).toEqual(value);
        },
      ),
    );
  });

  test("of up to 15 digits is the number it was", () => {
    fc.assert(
      fc.property(fc.jsonValue(), value => void expect(read(`{"v":${JSON.stringify(value)},"w":99}`)?.w).toBe(99)),
    );
    const exact = fc.integer({ min: -999_999_999_999_999, max: 999_999_999_999_999 });
    fc.assert(fc.property(exact, n => void expect(read(`{"n":${n},"long":1234567890123456}`)?.n).toBe(n)));
  });
});

test("any bytes end as an object or a problem, never thrown at", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.string(), fc.boolean(), (noise, type, forms) =>
      ["object", "unparsable"].includes(parseBody(noise, type, forms).kind),
    ),
  );
});
