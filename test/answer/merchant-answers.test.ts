import { describe, expect, test } from "vitest";
import { readMessage, readVerdict } from "../../src/answer/merchant-answers.ts";
import { daraja } from "../../src/providers/daraja/daraja.ts";

describe("a merchant's verdict", () => {
  test("accepts or rejects, with a code if it is one of the provider's", () => {
    const { decision } = daraja.channels["c2b/validation"]!;
    const said = (body: string) => readVerdict(body, decision?.type === "c2b.validation" ? decision.codes! : {});
    expect(said('{"accept":true,"note":"fine"}')).toEqual({ ok: true, value: { accept: true } });
    expect(said('\ufeff{"accept":false,"code":"C2B00012"}')).toMatchObject({
      value: { accept: false, reason: "unknown_account" },
    });
    expect(said('{"accept":false,"code":null}')).toMatchObject({ value: { accept: false, reason: "other" } });
    expect(said('{"accept":false,"code":"NOPE"}')).toMatchObject({ value: { accept: false, reason: "other" } });
  });

  test("cannot be used in any other form", () => {
    const unusable = [
      "",
      "true",
      "null",
      "[]",
      "{}",
      '{"accept":"true"}',
      '{"accept":1}',
      '{"accept":false,"code":7}',
      "<html>",
    ];
    for (const body of unusable) expect(readVerdict(body, {}).ok, body).toBe(false);
  });
});

describe("a merchant's screen", () => {
  test("is a message, or a text that begins with CON or END", () => {
    const said = (body: string) => readMessage(body);
    expect(said('{"message":"Amount?","end":false}')).toEqual({ ok: true, value: { message: "Amount?", end: false } });
    expect(said('{"message":"Amount?"}')).toEqual({ ok: true, value: { message: "Amount?", end: false } });
    expect(said("CON Amount?\n1. Ten")).toEqual({ ok: true, value: { message: "Amount?\n1. Ten", end: false } });
    expect(said("\n END  Bye\n")).toMatchObject({ value: { end: true } });
  });

  test("cannot be used in any other form", () => {
    const unusable = [
      "",
      "CON",
      "CONTINUE please",
      "Hello",
      "{}",
      '{"message":7,"end":false}',
      '{"message":"a","end":"no"}',
    ];
    for (const body of unusable) expect(readMessage(body).ok, body).toBe(false);
  });
});
