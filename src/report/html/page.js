'use strict';
(() => {
  const openTo = (part) => {
    for (; part; part = part.parentElement) {
      if (part.tagName === 'DETAILS') part.open = true;
    }
  };
  const follow = (hash) => openTo(document.getElementById(hash.slice(1)));
  // The place in the address does not change where a link is followed again.
  addEventListener('click', (event) => follow(event.target.closest('a')?.hash ?? ''));
  addEventListener('hashchange', () => follow(location.hash));
  follow(location.hash);

  const tools = document.getElementById('tools');
  if (!tools) return;
  const search = document.getElementById('search');
  const shown = document.getElementById('shown');
  const unfold = document.getElementById('unfold');
  const buttons = [...tools.querySelectorAll('[data-show]')];
  const items = [...document.querySelectorAll('[data-search]')];
  const rows = items.filter((item) => item.tagName === 'TR');
  const isWithin = (item) => item.parentElement.closest('[data-search]');
  const counted = rows.length ? rows : items.filter((item) => !isWithin(item));
  // A search for `joao` finds `João`.
  const plain = (text) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  const texts = new Map(items.map((item) => [item, plain(item.dataset.search)]));
  let onlyTrouble = false;

  const filter = () => {
    const words = plain(search.value).split(/\s+/).filter(Boolean);
    for (const item of items) {
      const wanted = !onlyTrouble || item.dataset.state === 'fail' || item.dataset.state === 'skip';
      item.hidden = !wanted || !words.every((word) => texts.get(item).includes(word));
      if (words.length && !item.hidden && isWithin(item)) openTo(item);
    }
    const visible = counted.filter((item) => !item.hidden).length;
    shown.value = shown.dataset.text.replace('{shown}', visible).replace('{all}', counted.length);
  };

  search.addEventListener('input', filter);
  for (const button of buttons) {
    button.addEventListener('click', () => {
      onlyTrouble = button.dataset.show === 'trouble';
      for (const other of buttons) other.setAttribute('aria-pressed', String(other === button));
      filter();
    });
  }
  unfold.addEventListener('click', () => {
    const unfolds = unfold.textContent === unfold.dataset.unfold;
    for (const details of document.querySelectorAll('details')) details.open = unfolds;
    unfold.textContent = unfolds ? unfold.dataset.fold : unfold.dataset.unfold;
  });
  unfold.hidden = !document.querySelector('details');
  tools.hidden = false;
  filter();
})();
