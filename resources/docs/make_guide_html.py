#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes pages for a browser of the guide: make_guide_html.py FOLDER. They need nothing beside them but their pictures, which are copied."""
import html
import re
import shutil
import sys
from pathlib import Path

try:
    import markdown
except ImportError:
    sys.exit("the guide's pages are made with python3-markdown (Debian's package of that name), which is not installed")

DOCS = Path(__file__).resolve().parent
STYLE = """
:root { color-scheme: light dark; --text: #1b1e23; --muted: #5b6470; --ground: #fff; --side: #f4f5f7; --line: #dfe3e8; --accent: #1a56db; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e6e8eb; --muted: #9aa3ad; --ground: #191c20; --side: #202429; --line: #343a42; --accent: #7aa2ff; } }
body { margin: 0; font: 16px/1.55 system-ui, sans-serif; color: var(--text); background: var(--ground); display: flex; }
nav { flex: 0 0 15rem; height: 100vh; position: sticky; top: 0; overflow: auto; background: var(--side); padding: 1.5rem; box-sizing: border-box; }
nav a { display: block; padding: .2rem 0; color: var(--text); text-decoration: none; } nav a.here { font-weight: 600; color: var(--accent); }
main { flex: 1; min-width: 0; max-width: 56rem; padding: 1.5rem 2.5rem 5rem; } a { color: var(--accent); }
pre { background: var(--side); padding: .8rem 1rem; border-radius: 6px; overflow: auto; } code { font: .92em ui-monospace, monospace; }
table { border-collapse: collapse; display: block; overflow: auto; } td, th { border: 1px solid var(--line); padding: .35rem .6rem; text-align: left; vertical-align: top; }
img { max-width: 100%; border: 1px solid var(--line); border-radius: 6px; } h1, h2, h3 { line-height: 1.25; }
@media (max-width: 50rem) { body { display: block; } nav { position: static; height: auto; } }
"""


def pages():
    """The guide's pages in the order of its first one: file and title."""
    first = (DOCS / 'guide' / 'README.md').read_text()
    return [('README.md', 'User guide')] + [(page, title) for title, page in re.findall(r'\[([^\]]+)\]\(([a-z_]+\.md)\)', first)]


def anchor(heading, _separator):
    """How the guide's own links name a heading."""
    return re.sub(r'[^\w\- ]', '', heading.lower()).replace(' ', '-')


def address(page):
    return 'index.html' if page == 'README.md' else page.removesuffix('.md') + '.html'


def picture(found):
    """Of pictures that exist as NAME.png and NAME_dark.png the browser takes the one that fits."""
    image = found[0]
    if not (DOCS / 'images' / f'{found[2]}_dark.png').exists():
        return image
    return f'<picture><source media="(prefers-color-scheme: dark)" srcset="../images/{found[2]}_dark.png">{image}</picture>'


def main():
    out = Path(sys.argv[1])
    (out / 'guide').mkdir(parents=True, exist_ok=True)
    shutil.copytree(DOCS / 'images', out / 'images', dirs_exist_ok=True)
    for page, title in pages():
        body = markdown.markdown((DOCS / 'guide' / page).read_text(), extensions=['tables', 'fenced_code', 'toc', 'sane_lists'],
                                 extension_configs={'toc': {'slugify': anchor}})
        body = re.sub(r'href="([a-z_A-Z]+\.md)(#[^"]*)?"', lambda link: f'href="{address(link[1])}{link[2] or ""}"', body)
        body = re.sub(r'<img alt="([^"]*)" src="\.\./images/([a-z0-9_]+)\.png" ?/?>', picture, body)
        links = '\n'.join(f'<a href="{address(other)}"{" class=here" if other == page else ""}>{html.escape(name)}</a>' for other, name in pages())
        (out / 'guide' / address(page)).write_text(
            f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">\n'
            f'<title>{html.escape(title)} · Cubeloom</title><style>{STYLE}</style>\n<nav>{links}</nav>\n<main>{body}</main></html>\n')
    print(f'{out / "guide" / "index.html"}')


if __name__ == '__main__':
    main()
