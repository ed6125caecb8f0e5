/** Settings of a connection that answers USSD by a menu. */
export const ussdMenu = {
  ussd: {
    mode: "menu",
    menu: {
      text: "Welcome to the simulation.\n1. Balance\n2. Leave",
      options: { "1": { text: "Your balance is KES 50.00.", end: true }, "2": { text: "Goodbye.", end: true } },
    },
  },
} as const;
