import fc from "fast-check";
import { expect, test } from "vitest";
import { eastAfricaDigits, eastAfricaTime, readEastAfricaTime } from "../../../src/providers/kit/east-africa-time.ts";
import { nairobiDigits } from "../../../src/simulator/nairobi-time.ts";

test("midnight in Nairobi is nine in the evening in Greenwich", () => {
  const at = new Date("2025-12-31T21:00:00.999Z");
  expect(eastAfricaTime(at)).toBe("2026-01-01 00:00:00");
  expect(eastAfricaDigits(at)).toBe("20260101000000");
});

test("what is written is read back, and a clock in Nairobi shows it", () => {
  const dates = fc.date({ min: new Date("2000-01-01"), max: new Date("2099-12-31"), noInvalidDate: true });
  fc.assert(
    fc.property(dates, at => {
      const whole = Math.floor(at.getTime() / 1000) * 1000;
      expect(readEastAfricaTime(eastAfricaTime(at))?.getTime()).toBe(whole);
      expect(readEastAfricaTime(eastAfricaDigits(at))?.getTime()).toBe(whole);
      expect(eastAfricaDigits(at)).toBe(nairobiDigits(at));
    }),
  );
});
