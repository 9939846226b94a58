/** Whether new channels are taken, as FreeSWITCH keeps it: how many at most, and whether somebody said to pause. */
export class Admission {
  /** Of all channels. */
  most = 5_000;
  isPaused = false;

  /** False where an INVITE gets 503. */
  takes(live: number): boolean {
    return !this.isPaused && live < this.most;
  }
}
