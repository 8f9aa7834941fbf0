#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the guide's page on operations from their declarations: make_operations_page.py CUBELOOM_CLI PAGE"""
import json
import subprocess
import sys
from pathlib import Path


def cell(text):
    return str(text).replace('|', '\\|').replace('\n', ' ')


def value(parameter):
    default = parameter['default']
    if default is None:
        return 'required' if parameter['required'] else ''
    return f'`{default if isinstance(default, str) else json.dumps(default)}`'


def bounds(parameter):
    if parameter.get('choices'):
        return ', '.join(f'`{choice}`' for choice in parameter['choices'])
    low, high = parameter['range']
    if low is None and high is None:
        return ''
    if high is None:
        return f'at least {low:g}'
    return f'at most {high:g}' if low is None else f'{low:g} to {high:g}'


def meaning(parameter):
    said = [f'`{choice["name"]}`: {choice["help"]}' for choice in parameter.get('choice_details', []) if choice['help']]
    return parameter['help'] + (' ' + '; '.join(said) + '.' if said else '')


def section(operation):
    lines = [f'### {operation["title"]} (`{operation["id"]}`)', '', operation['summary'], '', operation['help'], '']
    if any(port['help'] for port in operation['inputs']):
        lines += ['Inputs:', '']
        for port in operation['inputs']:
            lines.append(f'- `{port["name"]}`{" (optional)" if port["optional"] else " (several)" if port["many"] else ""}: {port["help"]}')
        lines.append('')
    if operation['parameters']:
        lines += ['| Parameter | Type | Unit | Default | Values | Meaning |', '|---|---|---|---|---|---|']
        lines += [f'| `{p["name"]}` | {p["type"]} | {cell(p["unit"])} | {cell(value(p))} | {cell(bounds(p))} | {cell(meaning(p))} |' for p in operation['parameters']]
        lines.append('')
    lines += [f'Example: `! {operation["example"]}`', '']
    for language, name in (('python', 'Python'), ('gdal', 'GDAL')):
        form = operation['export'][language]
        lines += [f'In {name}: `{form["example"]}`' if form['example'] else f'In {name}: none, as {form["reason"]}.', '']
    if operation['references']:
        lines += ['References:', ''] + [f'- {reference}' for reference in operation['references']] + ['']
    return lines


def page(operations):
    lines = ['# Operations', '', 'Written from the declarations by the target `docs`; edit those, not this page.', '']
    for category in dict.fromkeys(operation['category'] for operation in operations):
        lines += [f'## {category}', '']
        for operation in operations:
            if operation['category'] == category:
                lines += section(operation)
    return '\n'.join(lines)


def main():
    listing = subprocess.run([sys.argv[1], 'ops', '--json'], check=True, capture_output=True, text=True).stdout
    Path(sys.argv[2]).write_text(page(json.loads(listing)['operations']), encoding='utf-8')


if __name__ == '__main__':
    main()
