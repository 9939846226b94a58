// Runs in a page.
(() => {
  /** @type {string[]} */
  const found = [];
  const all = (/** @type {string} */ selector) =>
    /** @type {HTMLElement[]} */ ([...document.querySelectorAll(selector)]);
  const named = (/** @type {Element} */ element) =>
    `<${element.localName}> ${(element.textContent ?? '').slice(0, 40)}`;
  const seen = (/** @type {HTMLElement} */ element) => element.getClientRects().length > 0;

  if (document.documentElement.lang === '') found.push('the page has no language');
  if (document.title === '') found.push('the page has no title');
  for (const one of ['main', 'h1']) {
    const count = all(one).filter(seen).length;
    if (count !== 1) found.push(`${count} of <${one}>`);
  }
  const ids = all('[id]').map(({ id }) => id);
  for (const id of new Set(ids.filter((one, at) => ids.indexOf(one) !== at)))
    found.push(`several elements are #${id}`);
  for (const attribute of ['aria-labelledby', 'aria-describedby', 'for'])
    for (const element of all(`[${attribute}]`))
      for (const id of (element.getAttribute(attribute) ?? '').split(' '))
        if (document.getElementById(id) === null)
          found.push(`${named(element)}: ${attribute} names no #${id}`);

  for (const control of all('a, button, input, select, [tabindex="0"]').filter(seen)) {
    const labels =
      control instanceof HTMLInputElement || control instanceof HTMLSelectElement ? control.labels : null;
    const text = [...(labels ?? [])].map((label) => label.textContent ?? '').join('');
    const name = control.getAttribute('aria-label') ?? (labels === null ? control.textContent : text);
    if ((name ?? '').trim() === '') found.push(`${named(control)} has no name`);
    if (control.tabIndex > 0) found.push(`${named(control)} jumps the order of tabs`);
  }
  for (const control of all('a, button, input, select, summary').filter(seen)) {
    const { height, width } = control.getBoundingClientRect();
    if (innerWidth < 500 && (control.matches('a, summary') ? height < 15 : height < 24 || width < 24))
      found.push(`${named(control)} is too small to be hit`);
  }
  for (const table of all('table:not(.u-legend)')) {
    if ((table.querySelector('caption')?.textContent ?? '') === '') found.push('a table has no caption');
    if (table.querySelector('th[scope=col]') === null) found.push('a table has no heads');
  }
  if (document.documentElement.scrollWidth > innerWidth)
    found.push(`the page is ${document.documentElement.scrollWidth - innerWidth} px wider than the screen`);

  // WCAG 2 contrast of every text against the ground that it stands on.
  const channels = (/** @type {string} */ color) => (color.match(/[\d.]+/g) ?? []).map(Number);
  const light = (/** @type {string} */ color) => {
    const [red = 0, green = 0, blue = 0] = channels(color).map((channel) => {
      const share = channel / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const groundOf = (/** @type {Element | null} */ element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const { backgroundColor } = getComputedStyle(at);
      if ((channels(backgroundColor)[3] ?? 1) > 0) return backgroundColor;
    }
    return 'rgb(255, 255, 255)';
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode() !== null) {
    const parent = texts.currentNode.parentElement;
    if (parent === null || !seen(parent) || (texts.currentNode.textContent ?? '').trim() === '') continue;
    if (parent.closest('.unseen, .skip, :disabled') !== null) continue;
    const [ink, ground] = [light(getComputedStyle(parent).color), light(groundOf(parent))];
    const contrast = (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05);
    if (contrast < 4.5) found.push(`${named(parent)} has a contrast of ${contrast.toFixed(2)}`);
  }
  return found;
})();
