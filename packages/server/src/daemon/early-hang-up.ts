/** A SIGHUP that came before there was anything to reload. */
export interface EarlyHangUp {
  /** To be called once the signal is handled otherwise: says whether it came meanwhile. */
  end(): boolean;
}

/** Keeps a SIGHUP from ending the process while it still loads: by default the signal is deadly. */
export function holdHangUps(): EarlyHangUp {
  let came = false;
  const onHangUp = () => void (came = true);
  process.on('SIGHUP', onHangUp);
  return {
    end() {
      process.off('SIGHUP', onHangUp);
      return came;
    },
  };
}
