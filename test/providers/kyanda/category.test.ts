import { expect, test } from "vitest";
import { kindOf } from "../../../src/providers/kyanda/category.ts";

test.each([
  ["MobilePayout", "mobile_payout"],
  ["mobile_payout", "mobile_payout"],
  ["MpesaPayment", "checkout"],
  ["UtilityPayment", "bill"],
  ["AirtimePurchase", "airtime"],
  ["PinAirtimePurchase", "pin_airtime"],
  ["DataBundlePurchase", "data_bundle"],
  ["BankPayout", "bank_payout"],
])("the category %s is a %s", (category, kind) => {
  expect(kindOf(category, null)).toBe(kind);
});

test.each([
  ["VoucherAirtime", "pin_airtime"],
  ["Pin Airtime", "pin_airtime"],
  ["FaibaBundles", "data_bundle"],
  ["Airtime", "airtime"],
  ["BankTransfer", "bank_payout"],
  ["B2BPayment", "b2b"],
  ["BusinessPayBill", "b2b"],
  ["UPITransfer", "upi"],
  ["WalletPayout", "mobile_payout"],
  ["AirtelCheckout", "checkout"],
  ["WaterBill", "bill"],
])("the unknown category %s is given away as %s by its parts", (category, kind) => {
  expect(kindOf(category, null)).toBe(kind);
});

test("what nothing gives away is money in, unless it says that it goes out", () => {
  expect(kindOf("Something", null)).toBe("payment");
  expect(kindOf(null, null)).toBe("payment");
  expect(kindOf("constructor", "Inbound")).toBe("payment");
  expect(kindOf("Something", "Outbound")).toBe("mobile_payout");
});
