// Short tones made here: no sound file is fetched.

const TONE_S = 0.14;

/** Plays the frequencies (hertz) one after the other; silent where the browser does not let the page sound yet. */
export function play(context: AudioContext | null, hertz: number[]): void {
  if (!context || context.state !== 'running') return;
  hertz.forEach((frequency, index) => {
    const [tone, gain] = [context.createOscillator(), context.createGain()];
    const from = context.currentTime + index * TONE_S;
    tone.frequency.value = frequency;
    gain.gain.setValueAtTime(0.12, from);
    gain.gain.exponentialRampToValueAtTime(0.001, from + TONE_S);
    tone.connect(gain).connect(context.destination);
    tone.start(from);
    tone.stop(from + TONE_S);
  });
}
