/** Why a connection to a server did not come about, in words. */
export function unreachable(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ECONNREFUSED':
      return 'cannot be reached: nothing listens there';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'cannot be reached: no host of that name is known';
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ETIMEDOUT':
      return 'cannot be reached: no road leads to that host';
    default:
      return `cannot be reached: ${error.message}`;
  }
}
