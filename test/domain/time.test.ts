import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { timeReader } from "../../src/domain/time.ts";
import { eastAfricaFormats } from "../../src/providers/kit/east-africa-time.ts";

const readTime = timeReader(eastAfricaFormats, 180);
const utc = (value: unknown) => readTime(value)?.toISOString() ?? null;

test("a date format has optional parts, and an offset that holds where a date names none", () => {
  const read = timeReader(["dd/MM/yyyy HH:mm[:ss]", "yyyy-MM-ddTHH:mm:ssXX"], -60);
  expect(read("05/01/2026 09:30")).toEqual(new Date("2026-01-05T10:30:00Z"));
  expect(read("05/01/2026 09:30:15")).toEqual(new Date("2026-01-05T10:30:15Z"));
  expect(read("2026-01-05t09:30:15+03:00")).toEqual(new Date("2026-01-05T06:30:15Z"));
  for (const value of ["05/01/2026 9:30", "05/01/2026 09:30:", "2026-01-05T09:30:15"]) expect(read(value)).toBeNull();
});

test("a fraction of any length is read to the millisecond, after a point or a comma", () => {
  const read = timeReader(["yyyyMMddHHmmss.SSS"], 0);
  for (const text of ["20260105093015.123", "20260105093015,1239999"])
    expect(read(text)).toEqual(new Date("2026-01-05T09:30:15.123Z"));
});

test("a date format with unknown letters is refused when the reader is made", () => {
  for (const format of ["yyyy-MM-dd hh:mm", "yy-MM-dd", "YYYY-MM-DD", "yyyyMMddHHmmsss"])
    expect(() => timeReader([format], 0)).toThrow(format);
});

describe("a date in one of the forms of East Africa's providers", () => {
  test("without an offset is East Africa Time", () => {
    for (const same of [
      20251018233026,
      "20251018233026",
      "2025-10-18 23:30:26",
      "2025-10-18T23:30:26",
      "18.10.2025 23:30:26",
      " 18-10-2025 11:30:26 pm ",
    ])
      expect(utc(same), String(same)).toBe("2025-10-18T20:30:26.000Z");
  });

  test("with an offset is what it says", () => {
    expect(utc("2025-10-19T10:03:00Z")).toBe("2025-10-19T10:03:00.000Z");
    expect(utc("2025-10-19T10:03:00.123456Z")).toBe("2025-10-19T10:03:00.123Z");
    expect(utc("2025-10-19T10:03:00+02:00")).toBe("2025-10-19T08:03:00.000Z");
    expect(utc("2025-10-19 10:03:00 -0330")).toBe("2025-10-19T13:33:00.000Z");
  });

  test("is read in Kyanda's spellings", () => {
    expect(utc("23-09-2023 11.20am")).toBe("2023-09-23T08:20:00.000Z");
    expect(utc("05-11-2021 9:19 am")).toBe("2021-11-05T06:19:00.000Z");
    expect(utc("23-05-2021 10:29 pm")).toBe("2021-05-23T19:29:00.000Z");
    expect(utc("01-01-2023 00:00 am")).toBe("2022-12-31T21:00:00.000Z");
    expect(utc("01-01-2023 12:00 am")).toBe("2022-12-31T21:00:00.000Z");
    expect(utc("01-01-2023 12:30 PM")).toBe("2023-01-01T09:30:00.000Z");
    expect(utc("20210401091002")).toBe("2021-04-01T06:10:02.000Z");
  });

  test("that never was is null", () => {
    const never = [
      "20251318233026",
      "20250231000000",
      "2025-02-29 00:00:00",
      "2025-10-18 24:00:00",
      "2025-10-18 23:60:00",
      "32.01.2025 00:00:00",
    ];
    for (const value of [
      ...never,
      "01-01-2023 13:00 am",
      "01-01-2023 00:30 pm",
      "0000-00-00 00:00:00",
      "2025-10-18T00:00:00+99:00",
    ])
      expect(utc(value), value).toBeNull();
  });

  test("that is none is null", () => {
    for (const value of [
      null,
      undefined,
      "",
      "now",
      0,
      1.5,
      Number.NaN,
      1e300,
      {},
      [],
      true,
      new Date(),
      "2025",
      "9".repeat(1_000_000),
    ])
      expect(utc(value)).toBeNull();
    fc.assert(fc.property(fc.anything(), value => readTime(value) !== undefined));
  });

  test("comes back from every spelling to the second", () => {
    const moment = fc.date({
      min: new Date("1990-01-01T00:00:00Z"),
      max: new Date("2099-12-31T00:00:00Z"),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(moment, date => {
        const whole = new Date(Math.floor(date.getTime() / 1000) * 1000);
        // Nairobi's wall clock, by the platform's own calendar.
        const wall = new Intl.DateTimeFormat("sv-SE", {
          timeZone: "Africa/Nairobi",
          dateStyle: "short",
          timeStyle: "medium",
        }).format(whole);
        const [year, month, day, hour, minute, second] = wall.split(/[- :]/) as [
          string,
          string,
          string,
          string,
          string,
          string,
        ];
        const compact = `${year}${month}${day}${hour}${minute}${second}`;
        const half = `${((Number(hour) + 11) % 12) + 1}:${minute}:${second} ${Number(hour) < 12 ? "am" : "pm"}`;
        const spellings = [
          compact,
          Number(compact),
          wall,
          `${day}.${month}.${year} ${hour}:${minute}:${second}`,
          `${day}-${month}-${year} ${half}`,
        ];
        for (const spelling of [...spellings, whole.toISOString()]) expect(readTime(spelling)).toEqual(whole);
      }),
    );
  });
});
