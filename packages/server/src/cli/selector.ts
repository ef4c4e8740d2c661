/** True for a selector of the stream: levels of a path, `+` for one level, `#` for the rest at the end. */
export function isSelector(text: string): boolean {
  if (text === '' || text.length > 256) return false;
  const levels = text.split('/');
  return (
    levels.length <= 16 &&
    levels.every((level, index) => {
      if (level === '#') return index === levels.length - 1;
      return level === '+' || (level !== '' && !/[+#\s]/.test(level));
    })
  );
}
