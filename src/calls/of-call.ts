/** Tells a buyer's switch, and us where it comes back, which of our calls an INVITE is for. */
export const ofCall = 'X-Tollbridge-Call';
