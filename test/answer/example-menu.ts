import type { UssdMenu } from "../../src/connections/ussd-settings.ts";

/** The menu that the gateways' own documents show, in the form of a connection's settings. */
export const exampleMenu: UssdMenu = {
  text: "What would you want to check\n1. My Account\n2. My phone number",
  options: {
    "1": {
      text: "Choose account information you want to view\n1. Account number\n2. Account balance\n0. Back",
      options: {
        "1": { text: "Your account number is ACC1001", end: true },
        "2": { text: "Your balance is KES 10,000" },
        "0": { back: true },
      },
    },
    "2": { text: "Your phone number is the one you are calling from", end: true },
  },
};
