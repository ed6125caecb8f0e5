import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { plainGsm } from "../../src/domain/gsm.ts";

describe("plain GSM text", () => {
  test("keeps what every handset has, and writes the rest plainly or not at all", () => {
    expect(plainGsm("Habari! Salio: £5 @ 100% (Ñandú à la carte)")).toBe("Habari! Salio: £5 @ 100% (Ñandu à la carte)");
    expect(plainGsm("“Karibu” – it’s 5… [1] Ênd | 10 €")).toBe('"Karibu" - it\'s 5... (1) End / 10 EUR');
    expect(plainGsm("Asante 🙏🏾 sana\r\n1. Ndio\t2. Hapana  \r\n")).toBe("Asante  sana\n1. Ndio 2. Hapana");
    expect(plainGsm("１２３ ﬁne мир 世界 \u0000\u001b\ud800")).toBe("123 fine");
  });

  test("is the same when it is made plain again, and has nothing else in it", () => {
    const plain = /^[@£$¥èéùìòÇ\nØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&'()*+,\-./0-9:;<=>?¡A-ZÄÖÑÜ§¿a-zäöñüà]*$/;
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" })), text => {
        const made = plainGsm(text);
        expect(made).toMatch(plain);
        expect(plainGsm(made)).toBe(made);
      }),
    );
  });
});
