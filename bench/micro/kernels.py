"""kernels.py [--from N] [--match TEXT]: times each kernel of this file and prints `number name nanoseconds`.

A kernel is (name, set-up, statement): the statement stands five times in a loop that runs long enough for the clock,
and the best of three such loops counts. Sizes: _t tiny (1-10 items), none: typical (~100), _l large (10,000).
"""
import sys
from time import perf_counter

TARGET = 0.004

KERNELS = []


def group(name, text):
    """One kernel a line: name | set-up | statement."""
    for line in text.strip().splitlines():
        if not line.strip():
            continue
        parts = [part.strip() for part in line.split(" | ")]
        assert len(parts) == 3, line
        KERNELS.append((f"{name}.{parts[0]}", parts[1].replace(" ;; ", "\n"), parts[2].replace(" ;; ", "\n")))


group("str", r"""
concat_t | a = 'spam'; b = 'eggs!' | a + b
concat | a = 'spam ' * 20; b = 'eggs ' * 20 | a + b
concat_cyrillic | a = 'тест ' * 20; b = 'сыр' * 20 | a + b
append_loop | r = range(1000) | s = '' ;; for i in r: s += 'ab'
append_loop_cyrillic | r = range(1000) | s = '' ;; for i in r: s += 'аб'
append_loop_mixed | r = range(1000); w = 'word' | s = '' ;; for i in r: s += w ;; t = s + '.'
join_t | p = ['a', 'bc', 'def'] | ', '.join(p)
join | p = [str(i) for i in range(100)] | ' '.join(p)
join_empty | p = [str(i) for i in range(100)] | ''.join(p)
join_l | p = [str(i) for i in range(10000)] | ','.join(p)
join_generator | p = [str(i) for i in range(100)] | ','.join(x for x in p)
join_cyrillic | p = ['слово'] * 100 | ' '.join(p)
split_t | s = 'a b c' | s.split()
split | s = ' '.join(str(i) for i in range(100)) | s.split()
split_sep | s = ','.join(str(i) for i in range(100)) | s.split(',')
split_cyrillic | s = ' '.join(['слово'] * 100) | s.split()
split_maxsplit | s = 'key=value=more' | s.split('=', 1)
rsplit | s = 'a.b.c.d' | s.rsplit('.', 1)
partition | s = 'key: value' | s.partition(': ')
splitlines | s = '\n'.join('line %d of text' % i for i in range(100)) | s.splitlines()
replace_none | s = 'the quick brown fox ' * 10 | s.replace('z', 'y')
replace_char | s = 'the quick brown fox ' * 10 | s.replace(' ', '_')
replace_grow | s = 'the quick brown fox ' * 10 | s.replace('quick', 'slower')
replace_l | s = 'the quick brown fox ' * 1000 | s.replace('brown', 'red')
find_char | s = 'x' * 1000 + 'y' | s.find('y')
find_word | s = 'the quick brown fox ' * 50 + 'needle' | s.find('needle')
find_bad | s = 'aaaaaaaaab' * 100 | s.find('aaaaaaaaaab')
rfind | s = 'needle' + 'the quick brown fox ' * 50 | s.rfind('needle')
in_t | s = 'hello world' | 'wor' in s
in_l | s = 'ab' * 5000 | 'ba!' in s
count_char | s = 'the quick brown fox ' * 50 | s.count('o')
count_word | s = 'the quick brown fox ' * 50 | s.count('fox')
strip_t | s = '  hello \n' | s.strip()
strip_none | s = 'hello' | s.strip()
strip_chars | s = '"quoted"' | s.strip('"')
lower | s = 'The Quick Brown Fox ' * 10 | s.lower()
upper | s = 'The Quick Brown Fox ' * 10 | s.upper()
lower_cyrillic | s = 'Съешь Ещё Этих Булок ' * 10 | s.lower()
title | s = 'the quick brown fox ' * 10 | s.title()
startswith | s = 'https://example.org/' | s.startswith('https://')
startswith_tuple | s = 'https://example.org/'; t = ('ftp:', 'http:', 'https:') | s.startswith(t)
endswith | s = 'archive.tar.gz' | s.endswith('.gz')
removeprefix | s = 'test_name' | s.removeprefix('test_')
percent_s | a = 'x'; b = 42 | '%s is %d' % (a, b)
percent_float | f = 3.14159 | '%.2f' % f
percent_r | a = 'x' | '%r' % a
format | a = 'x'; b = 42 | '{} is {}'.format(a, b)
format_named | a = 'x' | '{name:>10}'.format(name=a)
fstring_str | a = 'spam'; b = 'eggs' | f'{a} and {b}'
fstring_int | a = 12345 | f'n={a}'
fstring_float | f = 3.14159 | f'{f}'
fstring_float_2 | f = 3.14159 | f'{f:.2f}'
fstring_width | a = 42 | f'{a:>8}|{a:<8}|{a:08d}'
fstring_hex | a = 48879 | f'{a:#x}'
fstring_repr | a = 'spam' | f'{a!r}'
encode_ascii | s = 'the quick brown fox ' * 50 | s.encode()
encode_cyrillic | s = 'съешь ещё этих булок ' * 50 | s.encode()
encode_cjk | s = '日本語テキスト' * 100 | s.encode()
encode_latin1 | s = 'café crème ' * 50 | s.encode('latin-1')
decode_ascii_t | b = b'hello' | b.decode()
decode_ascii | b = b'the quick brown fox ' * 50 | b.decode()
decode_cyrillic | b = ('съешь ещё этих булок ' * 50).encode() | b.decode()
decode_cjk | b = ('日本語テキスト' * 100).encode() | b.decode()
decode_emoji | b = ('text 😀 ' * 50).encode() | b.decode()
decode_latin1 | b = 'café crème '.encode('latin-1') * 50 | b.decode('latin-1')
index | s = 'hello world' | s[4]
slice_t | s = 'hello world' | s[2:7]
slice | s = 'the quick brown fox ' * 50 | s[10:500]
slice_reverse | s = 'the quick brown fox ' * 5 | s[::-1]
slice_cyrillic | s = 'съешь ещё этих булок ' * 50 | s[10:500]
equal_t | a = 'hello world'; b = 'hello' + str(' world') | a == b
equal_l | a = 'ab' * 5000; b = 'ba' * 0 + 'ab' * 5000 | a == b
less | a = 'spam'; b = 'span' | a < b
hash_fresh | a = 'the quick brown fox ' * 5 | hash(a + '!')
hash_cached | a = 'the quick brown fox ' | hash(a)
isalpha | s = 'quickbrownfox' * 10 | s.isalpha()
isdigit | s = '1234567890' | s.isdigit()
isspace | s = '   ' | s.isspace()
isidentifier | s = 'some_name' | s.isidentifier()
isalpha_cyrillic | s = 'съешьбулок' * 10 | s.isalpha()
iterate | s = 'the quick brown fox ' * 5 | for c in s: pass
iterate_cyrillic | s = 'съешь ещё этих булок ' * 5 | for c in s: pass
list_of | s = 'the quick brown fox ' * 5 | list(s)
repeat | s = 'ab' | s * 100
translate | s = 'the quick brown fox ' * 5; t = str.maketrans('aeiou', 'AEIOU') | s.translate(t)
zfill | s = '42' | s.zfill(8)
ljust | s = 'name' | s.ljust(20)
center | s = 'name' | s.center(20)
expandtabs | s = 'a\tb\tc' | s.expandtabs()
ord_chr | c = 'x' | chr(ord(c))
chr_cyrillic | c = 'ж' | chr(ord(c))
casefold | s = 'The Quick Brown Fox' | s.casefold()
repr | s = "it's a test" | repr(s)
str_of_str | s = 'text' | str(s)
intern | import sys ;; s = 'some' + str(1) | sys.intern(s)
""")

group("bytes", r"""
concat | a = b'spam ' * 20; b = b'eggs ' * 20 | a + b
join | p = [b'abc'] * 100 | b','.join(p)
split | s = b','.join([b'abc'] * 100) | s.split(b',')
find | s = b'x' * 1000 + b'y' | s.find(b'y')
find_word | s = b'the quick brown fox ' * 50 + b'needle' | s.find(b'needle')
replace | s = b'the quick brown fox ' * 10 | s.replace(b'quick', b'slower')
index | s = b'hello world' | s[4]
slice | s = b'hello world' * 10 | s[5:60]
iterate | s = b'the quick brown fox ' * 5 | for c in s: pass
equal | a = b'hello world'; b = b'hello' + bytes(b' world') | a == b
startswith | s = b'https://example.org/' | s.startswith(b'https')
hex | s = bytes(range(100)) | s.hex()
fromhex | s = bytes(range(100)).hex() | bytes.fromhex(s)
from_list | s = list(range(100)) | bytes(s)
zeros | n = 1000 | bytes(n)
hash | s = b'hello world' | hash(s + b'!')
strip | s = b'  hello \n' | s.strip()
int_from | s = b'\x01\x02\x03\x04' | int.from_bytes(s, 'big')
int_to | n = 16909060 | n.to_bytes(4, 'little')
percent | n = 5 | b'%d bytes' % n
translate | s = b'the quick brown fox ' * 50; t = bytes(range(256)) | s.translate(t)
upper | s = b'the quick brown fox ' * 10 | s.upper()
bytearray_new | s = b'hello world' | bytearray(s)
bytearray_append | r = range(100) | b = bytearray() ;; for i in r: b.append(i)
bytearray_extend | s = b'hello world' | b = bytearray() ;; b.extend(s) ;; b.extend(s)
bytearray_iadd | s = b'hello'; r = range(100) | b = bytearray() ;; for i in r: b += s
bytearray_get_set | b = bytearray(100) | b[5] = b[6]
bytearray_slice_set | b = bytearray(100); s = b'x' * 10 | b[10:20] = s
bytearray_to_bytes | b = bytearray(1000) | bytes(b)
memoryview | b = bytes(1000) | memoryview(b)[10:20]
memoryview_get | b = memoryview(bytes(1000)) | b[10]
""")

group("list", r"""
empty | x = 1 | []
display_4 | x = 1 | [x, x, x, x]
append | r = range(100) | a = [] ;; for i in r: a.append(i)
append_l | r = range(10000) | a = [] ;; for i in r: a.append(i)
append_pop | a = [] | a.append(1) ;; a.pop()
pop_front | a = list(range(100)) | a.append(a.pop(0))
insert_front | r = range(100) | a = [] ;; for i in r: a.insert(0, i)
extend_list | b = list(range(100)) | a = [] ;; a.extend(b)
extend_range | r = range(100) | a = [] ;; a.extend(r)
extend_generator | b = list(range(100)) | a = [] ;; a.extend(x for x in b)
iadd | b = [1, 2, 3] | a = [] ;; a += b
index | a = list(range(100)) | a.index(90)
in_int | a = list(range(100)) | 90 in a
in_str | a = [str(i) for i in range(100)]; s = str(90) | s in a
in_tuple_const | x = 'spam' | x in ('eggs', 'ham', 'spam')
count | a = [1, 2, 3] * 30 | a.count(2)
get | a = list(range(100)) | a[50]
set | a = list(range(100)) | a[50] = 7
slice | a = list(range(100)) | a[10:60]
slice_all | a = list(range(100)) | a[:]
slice_step | a = list(range(100)) | a[::2]
slice_reverse | a = list(range(100)) | a[::-1]
slice_set | a = list(range(100)); b = [1, 2, 3] | a[10:13] = b
slice_del | b = list(range(100)) | a = b[:] ;; del a[10:60]
copy | a = list(range(100)) | a.copy()
copy_l | a = list(range(10000)) | a.copy()
concat | a = list(range(50)); b = list(range(50)) | a + b
repeat | a = [0] | a * 100
repeat_l | a = [None] | a * 10000
reverse | a = list(range(100)) | a.reverse()
comprehension | r = range(100) | [x for x in r]
comprehension_if | a = list(range(100)) | [x * 2 for x in a if x & 1]
comprehension_nested | r = range(10) | [[0] * 10 for _ in r]
del_item | b = list(range(20)) | a = b[:] ;; del a[5]
remove | b = list(range(20)) | a = b[:] ;; a.remove(15)
clear | b = list(range(20)) | a = b[:] ;; a.clear()
equal | a = list(range(100)); b = list(range(100)) | a == b
less | a = [1, 2, 3, 4]; b = [1, 2, 3, 5] | a < b
of_tuple | t = tuple(range(100)) | list(t)
of_range | r = range(100) | list(r)
of_map | a = list(range(100)) | list(map(str, a))
of_dict | d = dict.fromkeys(range(100)) | list(d)
iterate | a = list(range(100)) | for x in a: pass
unpack | a = [1, 2, 3] | x, y, z = a
unpack_star | a = list(range(10)) | x, *y = a
repr | a = list(range(100)) | repr(a)
sort_ints_t | b = [5, 2, 8, 1, 9, 3] | sorted(b)
sort_ints | b = [(i * 7919) % 10007 for i in range(100)] | sorted(b)
sort_ints_l | b = [(i * 7919) % 10007 for i in range(10000)] | sorted(b)
sort_sorted_l | b = list(range(10000)) | sorted(b)
sort_floats_l | b = [((i * 7919) % 10007) / 7 for i in range(10000)] | sorted(b)
sort_str_l | b = [str((i * 7919) % 10007) for i in range(10000)] | sorted(b)
sort_tuples_l | b = [((i * 7919) % 107, i) for i in range(10000)] | sorted(b)
sort_key_len | b = [str((i * 7919) % 10007) for i in range(1000)] | sorted(b, key=len)
sort_key_lambda | b = [(i * 7919) % 10007 for i in range(1000)] | sorted(b, key=lambda x: -x)
sort_key_itemgetter | import operator ;; g = operator.itemgetter(1); b = [(i, (i * 7919) % 10007) for i in range(1000)] | sorted(b, key=g)
sort_reverse | b = [(i * 7919) % 10007 for i in range(1000)] | sorted(b, reverse=True)
sort_mixed | b = [(i * 7919) % 10007 * (1 if i % 2 else 1.5) for i in range(1000)] | sorted(b)
bool | a = [1] | not a
nested_get | a = [[1, 2, 3]] * 3 | a[1][2]
""")

group("tuple", r"""
display | x = 1 | (x, x)
of_list | a = list(range(100)) | tuple(a)
of_list_t | a = [1, 2, 3] | tuple(a)
of_generator | a = list(range(100)) | tuple(x for x in a)
get | a = (1, 2, 3) | a[1]
slice | a = tuple(range(100)) | a[10:60]
concat | a = (1, 2); b = (3, 4) | a + b
hash | a = (1, 'x', 2.5) | hash(a)
hash_l | a = tuple(range(1000)) | hash(a)
equal | a = (1, 2, 3); b = (1, 2, 3 + len('')) | a == b
less | a = (1, 'b'); b = (1, 'c') | a < b
in | a = tuple(range(100)) | 90 in a
unpack | a = (1, 2, 3) | x, y, z = a
swap | x = 1; y = 2 | x, y = y, x
iterate | a = tuple(range(100)) | for x in a: pass
repeat | a = (0,) | a * 100
repr | a = (1, 'x', 2.5) | repr(a)
index | a = tuple(range(100)) | a.index(50)
""")

group("dict", r"""
empty | x = 1 | {}
display_4 | x = 1 | {'a': x, 'b': x, 'c': x, 'd': x}
build_int | r = range(100) | d = {} ;; for i in r: d[i] = i
build_int_l | r = range(10000) | d = {} ;; for i in r: d[i] = i
build_str | k = [str(i) for i in range(100)] | d = {} ;; for i in k: d[i] = i
build_str_l | k = [str(i) for i in range(10000)] | d = {} ;; for i in k: d[i] = i
build_tuple | k = [(i, i) for i in range(100)] | d = {} ;; for i in k: d[i] = 1
build_mixed | k = [1, 'a', 2.5, (1, 2), None, b'x'] | d = {} ;; for i in k: d[i] = 1
get_str | d = {str(i): i for i in range(100)} | d['50']
get_int | d = {i: i for i in range(100)} | d[50]
get_int_l | d = {i * 7: i for i in range(10000)}; k = list(d)[::3] | for i in k: d[i]
get_str_l | d = {str(i): i for i in range(10000)}; k = list(d)[::3] | for i in k: d[i]
get_tuple | d = {(i, i): i for i in range(100)}; k = (50, 50) | d[k]
get_float | d = {i + .5: i for i in range(100)}; k = 50.5 | d[k]
get_method | d = {str(i): i for i in range(100)} | d.get('50')
get_method_miss | d = {str(i): i for i in range(100)} | d.get('x', 0)
set_str | d = {str(i): i for i in range(100)} | d['50'] = 1
set_int | d = {i: i for i in range(100)} | d[50] = 1
set_del | d = {str(i): i for i in range(100)} | d['x'] = 1 ;; del d['x']
in_str | d = {str(i): i for i in range(100)} | '50' in d
in_miss | d = {str(i): i for i in range(100)} | 'x' in d
in_int | d = {i: i for i in range(100)} | 50 in d
increment | d = {'a': 0} | d['a'] += 1
setdefault | d = {str(i): i for i in range(100)} | d.setdefault('50', 1)
setdefault_list | k = list(range(100)) | d = {} ;; for i in k: d.setdefault(i & 7, []).append(i)
pop | d = {str(i): i for i in range(100)} | d['x'] = 1 ;; d.pop('x')
pop_default | d = {} | d.pop('x', None)
popitem | d = {str(i): i for i in range(100)} | d['x'] = 1 ;; d.popitem()
update_dict | e = {str(i): i for i in range(100)} | d = {} ;; d.update(e)
update_kw | d = {} | d.update(a=1, b=2)
update_pairs | e = [(i, i) for i in range(100)] | d = {} ;; d.update(e)
of_pairs | e = [(i, i) for i in range(100)] | dict(e)
of_kw | x = 1 | dict(a=x, b=x, c=x)
of_zip | a = [str(i) for i in range(100)]; b = list(range(100)) | dict(zip(a, b))
copy | d = {str(i): i for i in range(100)} | d.copy()
copy_t | d = {'a': 1, 'b': 2} | d.copy()
merge | d = {str(i): i for i in range(50)}; e = {i: i for i in range(50)} | d | e
unpack | d = {str(i): i for i in range(50)} | {**d, 'x': 1}
comprehension | r = range(100) | {i: i for i in r}
comprehension_str | k = [str(i) for i in range(100)] | {i: 1 for i in k}
fromkeys | k = [str(i) for i in range(100)] | dict.fromkeys(k)
items | d = {str(i): i for i in range(100)} | for k, v in d.items(): pass
keys | d = {str(i): i for i in range(100)} | for k in d: pass
values | d = {str(i): i for i in range(100)} | for v in d.values(): pass
sum_values | d = {str(i): i for i in range(100)} | sum(d.values())
list_items | d = {str(i): i for i in range(100)} | list(d.items())
sorted_items | d = {str(i): i for i in range(100)} | sorted(d.items())
equal | d = {str(i): i for i in range(100)}; e = dict(d) | d == e
len | d = {1: 2} | len(d)
clear | e = {str(i): i for i in range(10)} | d = dict(e) ;; d.clear()
keys_and | d = {i: i for i in range(50)}; e = {i: i for i in range(25, 75)} | d.keys() & e.keys()
repr | d = {str(i): i for i in range(50)} | repr(d)
churn | from collections import deque ;; d = {} ;; r = range(100) | for i in r: d[i] = i ;; for i in r: del d[i]
""".replace("d | e", "d.__or__(e)"))

group("set", r"""
add | r = range(100) | s = set() ;; for i in r: s.add(i)
add_str | k = [str(i) for i in range(100)] | s = set() ;; for i in k: s.add(i)
add_discard | s = set(range(100)) | s.add(1000) ;; s.discard(1000)
in_int | s = set(range(100)) | 50 in s
in_str | s = {str(i) for i in range(100)} | '50' in s
in_miss | s = {str(i) for i in range(100)} | 'x' in s
in_tuple | s = {(i, i) for i in range(100)}; k = (50, 50) | k in s
of_list | a = list(range(100)) | set(a)
of_list_str | a = [str(i) for i in range(100)] | set(a)
of_list_l | a = list(range(10000)) | set(a)
display | x = 1; y = 2 | {x, y, 3}
comprehension | r = range(100) | {i for i in r}
union | a = set(range(100)); b = set(range(50, 150)) | a.union(b)
intersection | a = set(range(100)); b = set(range(50, 150)) | a & b
difference | a = set(range(100)); b = set(range(50, 150)) | a - b
symmetric | a = set(range(100)); b = set(range(50, 150)) | a ^ b
update | b = set(range(50, 150)) | a = set() ;; a.update(b)
issubset | a = set(range(50)); b = set(range(100)) | a <= b
equal | a = set(range(100)); b = set(range(100)) | a == b
copy | a = set(range(100)) | a.copy()
iterate | a = set(range(100)) | for x in a: pass
pop | b = set(range(20)) | a = b.copy() ;; a.pop()
frozenset | a = list(range(100)) | frozenset(a)
frozenset_hash | a = list(range(100)) | hash(frozenset(a))
sorted | a = set(range(100)) | sorted(a)
tuples | r = range(10) | {(x, y) for x in r for y in r}
""")

group("int", r"""
add | a = 5; b = 7 | a + b
mul | a = 5123; b = 71234 | a * b
floordiv | a = 51234567; b = 71 | a // b
mod | a = 51234567; b = 71 | a % b
divmod | a = 51234567; b = 71 | divmod(a, b)
truediv | a = 51234567; b = 71 | a / b
pow | a = 3; b = 20 | a ** b
pow_mod | a = 123456789; b = 65537; m = 1000000007 | pow(a, b, m)
bits | a = 0xdeadbeef; b = 0xffff | (a & b) | (a ^ b) | ~a
shift | a = 12345 | (a << 5) >> 3
compare | a = 5; b = 7 | a < b
neg | a = 5 | -a
abs | a = -5 | abs(a)
bit_length | a = 12345 | a.bit_length()
bit_count | a = 12345 | a.bit_count()
hash | a = 12345 | hash(a)
str_t | a = 7 | str(a)
str | a = 1234567 | str(a)
repr | a = 1234567 | repr(a)
of_str | s = '1234567' | int(s)
of_str_t | s = '7' | int(s)
of_str_base | s = 'ff' | int(s, 16)
of_float | f = 1234.5 | int(f)
hex | a = 1234567 | hex(a)
bin | a = 1234567 | bin(a)
bool | a = 5 | not a
add_64 | a = 1 << 62; b = 1 << 61 | a + b
mul_64 | a = 0x123456789abc; b = 0xfedcba987654 | a * b
mod_64 | a = 0x123456789abc ** 2; b = 0xfedcba987654 | a % b
and_64 | a = (1 << 64) - 5; b = 0xffffffffffffffff | a & b
add_30_digits | a = 10 ** 30; b = 10 ** 29 | a + b
mul_30_digits | a = 10 ** 30 + 7; b = 10 ** 29 + 3 | a * b
div_30_digits | a = 10 ** 30 + 7; b = 10 ** 12 + 3 | a // b
str_30_digits | a = 10 ** 30 + 7 | str(a)
add_1000_digits | a = 10 ** 1000 + 7; b = 10 ** 999 + 3 | a + b
mul_1000_digits | a = 10 ** 1000 + 7; b = 10 ** 999 + 3 | a * b
div_1000_digits | a = 10 ** 1000 + 7; b = 10 ** 499 + 3 | a // b
str_1000_digits | a = 10 ** 1000 + 7 | str(a)
of_str_1000_digits | s = str(10 ** 1000 + 7) | int(s)
pow_big | a = 3 | a ** 1000
powmod_big | a = 3 ** 300; b = 5 ** 100; m = 7 ** 300 | pow(a, b, m)
shift_big | a = 1 | (a << 1000) >> 990
compare_big | a = 10 ** 30; b = 10 ** 30 + 1 | a < b
hash_big | a = 10 ** 30 | hash(a)
gcd | from math import gcd ;; a = 123456; b = 7890 | gcd(a, b)
isqrt | from math import isqrt ;; a = 123456789 | isqrt(a)
factorial | from math import factorial | factorial(50)
fibonacci | r = range(300) | a, b = 0, 1 ;; for _ in r: a, b = b, a + b
to_bytes | a = 10 ** 30 | a.to_bytes(16, 'big')
""".replace("(a & b) | (a ^ b) | ~a", "(a & b) ^ (a ^ b) ^ ~a"))

group("float", r"""
add | a = 1.5; b = 2.5 | a + b
mul | a = 1.5; b = 2.5 | a * b
div | a = 1.5; b = 2.5 | a / b
pow | a = 1.5; b = 2.5 | a ** b
square | a = 1.5 | a ** 2
floordiv | a = 17.5; b = 2.5 | a // b
mod | a = 17.5; b = 2.5 | a % b
add_int | a = 1.5; b = 2 | a + b
compare | a = 1.5; b = 2.5 | a < b
repr_t | a = 1.5 | repr(a)
repr | a = 3.141592653589793 | repr(a)
str | a = 0.1 | str(a)
of_str | s = '3.14159' | float(s)
of_str_long | s = '3.141592653589793' | float(s)
of_int | a = 5 | float(a)
round | a = 3.14159 | round(a)
round_2 | a = 3.14159 | round(a, 2)
hash | a = 3.14159 | hash(a)
is_integer | a = 3.0 | a.is_integer()
huge | a = 1e200; b = 1.5 | a * b
sqrt | from math import sqrt ;; a = 2.5 | sqrt(a)
sin | from math import sin ;; a = 2.5 | sin(a)
floor | from math import floor ;; a = 2.5 | floor(a)
fsum | from math import fsum ;; a = [0.1] * 100 | fsum(a)
hypot | from math import hypot ;; a = 2.5 | hypot(a, a)
complex_mul | a = 1 + 2j; b = 3 - 1j | a * b
complex_add | a = 1 + 2j; b = 3 - 1j | a + b
complex_abs | a = 3 + 4j | abs(a)
complex_new | a = 1.5; b = 2.5 | complex(a, b)
""")

group("builtin", r"""
range_loop | n = 100 | for i in range(n): pass
range_new | n = 100 | range(n)
range_in | r = range(100) | 50 in r
range_index | r = range(100) | r[50]
enumerate | a = list(range(100)) | for i, x in enumerate(a): pass
zip | a = list(range(100)) | for x, y in zip(a, a): pass
zip_3 | a = list(range(100)) | for x, y, z in zip(a, a, a): pass
list_zip | a = list(range(100)) | list(zip(a, a))
zip_star | a = [(1, 2, 3)] * 20 | list(zip(*a))
map_builtin | a = [str(i) for i in range(100)] | list(map(int, a))
map_lambda | a = list(range(100)); f = lambda x: x | list(map(f, a))
map_len | a = ['ab'] * 100 | list(map(len, a))
filter_none | a = [0, 1] * 50 | list(filter(None, a))
filter_lambda | a = list(range(100)); f = lambda x: x & 1 | list(filter(f, a))
sum_ints | a = list(range(100)) | sum(a)
sum_range | r = range(100) | sum(r)
sum_floats | a = [0.5] * 100 | sum(a)
sum_generator | a = list(range(100)) | sum(x for x in a)
min_2 | a = 5; b = 7 | min(a, b)
max_2 | a = 5; b = 7 | max(a, b)
min_list | a = list(range(100)) | min(a)
max_str | a = [str(i) for i in range(100)] | max(a)
max_key | a = [str(i) for i in range(100)] | max(a, key=len)
max_key_lambda | a = list(range(100)) | max(a, key=lambda x: -x)
max_default | a = [] | max(a, default=0)
any_list | a = [0] * 100 | any(a)
all_list | a = [1] * 100 | all(a)
any_generator | a = list(range(100)) | any(x > 90 for x in a)
all_generator | a = list(range(100)) | all(x >= 0 for x in a)
sorted | a = [3, 1, 2] | sorted(a)
reversed | a = list(range(100)) | for x in reversed(a): pass
iter_next | a = [1, 2, 3] | next(iter(a))
next_default | a = [] | next(iter(a), None)
iter_callable | r = iter | i = iter([1, 2, 3]) ;; list(i)
len_list | a = [1, 2, 3] | len(a)
len_str | a = 'abc' | len(a)
isinstance | a = 5 | isinstance(a, int)
isinstance_no | a = 5 | isinstance(a, str)
isinstance_tuple | a = 5.5 | isinstance(a, (str, int, float))
isinstance_class | class A: pass ;; class B(A): pass ;; b = B() | isinstance(b, A)
isinstance_abc | from collections.abc import Mapping ;; d = {} | isinstance(d, Mapping)
issubclass | class A: pass ;; class B(A): pass | issubclass(B, A)
type_1 | a = 5 | type(a)
type_is | a = 5 | type(a) is int
getattr | class A: x = 1 ;; a = A() | getattr(a, 'x')
getattr_default | class A: x = 1 ;; a = A() | getattr(a, 'y', None)
setattr | class A: x = 1 ;; a = A() | setattr(a, 'x', 2)
hasattr | class A: x = 1 ;; a = A() | hasattr(a, 'x')
hasattr_no | class A: x = 1 ;; a = A() | hasattr(a, 'y')
callable | f = len | callable(f)
id | a = [] | id(a)
hash_str | a = 'x' | hash(a)
bool_call | a = 5 | bool(a)
int_0 | a = 5 | int()
str_0 | a = 5 | str()
list_0 | a = 5 | list()
dict_0 | a = 5 | dict()
set_0 | a = 5 | set()
tuple_0 | a = 5 | tuple()
object | a = 5 | object()
divmod | a = 17; b = 5 | divmod(a, b)
pow | a = 2; b = 10 | pow(a, b)
round_int | a = 17 | round(a)
abs_float | a = -1.5 | abs(a)
print_str | import io, sys ;; out = io.StringIO() | print('hello', 5, file=out)
vars | class A: pass ;; a = A(); a.x = 1 | vars(a)
dir_len | class A: pass ;; a = A() | dir(a)
slice_new | a = 5 | slice(a, 10)
property | class A: ;;   @property ;;   def x(self): return 1 ;; a = A() | a.x
super | class A: ;;   def f(self): return 1 ;; class B(A): ;;   def f(self): return super().f() ;; b = B() | b.f()
bound_method | class A: ;;   def f(self): return 1 ;; a = A() | a.f
instance_new | class A: ;;   def __init__(self, x): self.x = x | A(1)
instance_slots | class A: ;;   __slots__ = ('x', 'y') ;;   def __init__(self, x): self.x = x; self.y = x | A(1)
class_new | x = 1 | class A: ;;   def f(self): pass
closure_new | x = 1 | def f(): return x
lambda_new | x = 1 | lambda: 1
exception_new | x = 1 | ValueError('message')
exception_raise | x = 1 | try: raise ValueError('message') ;; except ValueError: pass
exception_as | x = 1 | try: raise ValueError('message') ;; except ValueError as e: str(e)
exception_key | d = {} | try: d['x'] ;; except KeyError: pass
exception_attr | o = object() | try: o.x ;; except AttributeError: pass
exception_index | a = [] | try: a[5] ;; except IndexError: pass
exception_int | s = 'x' | try: int(s) ;; except ValueError: pass
exception_stop | a = iter(()) | try: next(a) ;; except StopIteration: pass
try_finally | x = 1 | try: x ;; finally: x
with | from contextlib import nullcontext ;; c = nullcontext() | with c: pass
contextmanager | from contextlib import contextmanager ;; @contextmanager ;; def f(): yield | with f(): pass
import_cached | import sys | import sys
import_from | import os.path | from os.path import join
generator_new | def f(): yield 1 | f()
generator_list | def f(): ;;   for i in range(100): yield i | list(f())
generator_for | def f(): ;;   for i in range(100): yield i | for x in f(): pass
generator_yield_from | def g(): ;;   for i in range(100): yield i ;; def f(): yield from g() | list(f())
generator_send | def g(): ;;   while True: yield 1 ;; i = g(); next(i) | i.send(5)
kwargs_call | def f(**k): return k | f(a=1, b=2)
args_call | def f(*k): return k | f(1, 2, 3)
star_call | def f(a, b, c): pass ;; t = (1, 2, 3) | f(*t)
star_star_call | def f(a, b, c): pass ;; t = {'a': 1, 'b': 2, 'c': 3} | f(**t)
str_method_unbound | f = str.upper; s = 'abc' | f(s)
method_of_builtin | a = [] | a.append
globals | x = 1 | globals()
isinstance_union | a = 5; u = int | isinstance(a, u)
ord | c = 'x' | ord(c)
chr | c = 100 | chr(c)
format_spec | a = 1234567 | format(a, ',')
ascii | a = 'text' | ascii(a)
compile_eval | x = 1 | eval('1 + 2')
""")

group("library", r"""
struct_pack | import struct ;; p = struct.pack | p('<IHB', 1, 2, 3)
struct_unpack | import struct ;; u = struct.unpack; b = bytes(7) | u('<IHB', b)
struct_object | import struct ;; s = struct.Struct('>d'); x = 1.5 | s.unpack(s.pack(x))
struct_iter | import struct ;; s = struct.Struct('<II'); b = bytes(800) | list(s.iter_unpack(b))
array_new | from array import array ;; a = list(range(100)) | array('i', a)
array_get | from array import array ;; a = array('d', range(100)) | a[50]
array_set | from array import array ;; a = array('d', range(100)) | a[50] = 1.5
array_append | from array import array ;; r = range(100) | a = array('i') ;; for i in r: a.append(i)
array_sum | from array import array ;; a = array('i', range(100)) | sum(a)
array_tolist | from array import array ;; a = array('i', range(100)) | a.tolist()
chain | from itertools import chain ;; a = list(range(50)) | list(chain(a, a))
chain_from | from itertools import chain ;; a = [[1, 2, 3]] * 30 | list(chain.from_iterable(a))
islice | from itertools import islice ;; a = list(range(100)) | list(islice(a, 10, 60))
count | from itertools import count, islice | list(islice(count(), 100))
repeat | from itertools import repeat | list(repeat(1, 100))
cycle | from itertools import cycle, islice ;; a = [1, 2, 3] | list(islice(cycle(a), 100))
product | from itertools import product ;; a = range(10) | list(product(a, a))
permutations | from itertools import permutations ;; a = range(5) | list(permutations(a))
combinations | from itertools import combinations ;; a = range(10) | list(combinations(a, 3))
accumulate | from itertools import accumulate ;; a = list(range(100)) | list(accumulate(a))
groupby | from itertools import groupby ;; a = [i // 10 for i in range(100)] | for k, g in groupby(a): list(g)
takewhile | from itertools import takewhile ;; a = list(range(100)); f = lambda x: x < 50 | list(takewhile(f, a))
starmap | from itertools import starmap ;; a = [(i, 2) for i in range(100)] | list(starmap(pow, a))
zip_longest | from itertools import zip_longest ;; a = range(50); b = range(100) | list(zip_longest(a, b))
pairwise | from itertools import pairwise ;; a = list(range(100)) | list(pairwise(a))
batched | from itertools import batched ;; a = list(range(100)) | list(batched(a, 5))
tee | from itertools import tee ;; a = list(range(100)) | x, y = tee(a) ;; list(x) ;; list(y)
compress | from itertools import compress ;; a = list(range(100)) | list(compress(a, a))
deque_append | from collections import deque ;; r = range(100) | d = deque() ;; for i in r: d.append(i)
deque_rotate | from collections import deque ;; d = deque(range(100)) | d.rotate(5)
deque_fifo | from collections import deque ;; d = deque(range(100)) | d.append(d.popleft())
deque_maxlen | from collections import deque ;; d = deque(range(100), 100) | d.append(5)
deque_iterate | from collections import deque ;; d = deque(range(100)) | for x in d: pass
deque_new | from collections import deque ;; a = list(range(100)) | deque(a)
deque_index | from collections import deque ;; d = deque(range(1000)) | d[500]
defaultdict_int | from collections import defaultdict ;; k = [i & 7 for i in range(100)] | d = defaultdict(int) ;; for i in k: d[i] += 1
defaultdict_list | from collections import defaultdict ;; k = list(range(100)) | d = defaultdict(list) ;; for i in k: d[i & 7].append(i)
counter | from collections import Counter ;; s = 'the quick brown fox ' * 10 | Counter(s)
counter_increment | from collections import Counter ;; c = Counter() | c['x'] += 1
ordereddict | from collections import OrderedDict ;; r = range(100) | d = OrderedDict() ;; for i in r: d[i] = i
ordereddict_move | from collections import OrderedDict ;; d = OrderedDict.fromkeys(range(100)) | d.move_to_end(50)
ordereddict_iterate | from collections import OrderedDict ;; d = OrderedDict.fromkeys(range(100)) | for x in d: pass
namedtuple_new | from collections import namedtuple ;; P = namedtuple('P', 'x y') | P(1, 2)
namedtuple_get | from collections import namedtuple ;; P = namedtuple('P', 'x y'); p = P(1, 2) | p.y
chainmap | from collections import ChainMap ;; c = ChainMap({'a': 1}, {'b': 2}) | c['b']
partial | from functools import partial ;; def g(a, b): pass ;; f = partial(g, 1) | f(2)
partial_kw | from functools import partial ;; def g(a, b): pass ;; f = partial(g, b=1) | f(2)
partial_new | from functools import partial ;; f = len | partial(f, 1)
lru_cache_hit | from functools import lru_cache ;; @lru_cache(maxsize=100) ;; def f(x): return x ;; f(5) | f(5)
cache_hit | from functools import cache ;; @cache ;; def f(x): return x ;; f(5) | f(5)
lru_cache_miss | from functools import lru_cache ;; @lru_cache(maxsize=10) ;; def f(x): return x ;; r = range(100) | for i in r: f(i)
reduce | from functools import reduce ;; import operator ;; a = list(range(100)); f = operator.add | reduce(f, a)
reduce_lambda | from functools import reduce ;; a = list(range(100)); f = lambda x, y: x + y | reduce(f, a)
cmp_to_key | from functools import cmp_to_key ;; k = cmp_to_key(lambda a, b: a - b); a = [(i * 37) % 101 for i in range(100)] | sorted(a, key=k)
itemgetter | from operator import itemgetter ;; f = itemgetter(1); t = (1, 2, 3) | f(t)
itemgetter_2 | from operator import itemgetter ;; f = itemgetter(0, 2); t = (1, 2, 3) | f(t)
attrgetter | from operator import attrgetter ;; f = attrgetter('x') ;; class A: x = 1 ;; a = A() | f(a)
methodcaller | from operator import methodcaller ;; f = methodcaller('upper'); s = 'abc' | f(s)
operator_add | from operator import add ;; a = 5 | add(a, a)
heap_push_pop | from heapq import heappush, heappop ;; h = list(range(100)) | heappush(h, 50) ;; heappop(h)
heapify | from heapq import heapify ;; b = [(i * 37) % 101 for i in range(100)] | a = b[:] ;; heapify(a)
heap_tuples | from heapq import heappush, heappop ;; h = [(i, str(i)) for i in range(100)]; t = (50, 'x') | heappush(h, t) ;; heappop(h)
nlargest | from heapq import nlargest ;; b = [(i * 37) % 101 for i in range(100)] | nlargest(5, b)
bisect | from bisect import bisect ;; a = list(range(1000)) | bisect(a, 500)
insort | from bisect import insort ;; b = list(range(100)) | a = b[:] ;; insort(a, 50)
weakref_new | import weakref ;; class A: pass ;; a = A() | weakref.ref(a)
weakref_call | import weakref ;; class A: pass ;; a = A(); r = weakref.ref(a) | r()
weakref_churn | import weakref ;; class A: pass ;; f = weakref.ref | a = A() ;; r = f(a) ;; del a
gc_collect | import gc ;; keep = [[i] for i in range(100000)] | gc.collect()
copy_list | import copy ;; a = [1, 2, 3] | copy.copy(a)
deepcopy | import copy ;; a = [[1, 2, {'a': [3]}]] * 2 | copy.deepcopy(a)
json_dumps | import json ;; d = {'name': 'x', 'values': [1, 2.5, None, True], 'nested': {'a': 'b'}} | json.dumps(d)
json_loads | import json ;; s = '{"name": "x", "values": [1, 2.5, null, true], "nested": {"a": "b"}}' | json.loads(s)
re_match | import re ;; p = re.compile(r'(\w+)=(\d+)'); s = 'width=42' | p.match(s)
re_sub | import re ;; p = re.compile(r'\s+'); s = 'the quick  brown fox ' * 10 | p.sub(' ', s)
re_findall | import re ;; p = re.compile(r'\w+'); s = 'the quick brown fox ' * 10 | p.findall(s)
stringio_write | import io ;; r = range(100) | f = io.StringIO() ;; for i in r: f.write('text') ;; f.getvalue()
bytesio_write | import io ;; r = range(100) | f = io.BytesIO() ;; for i in r: f.write(b'text') ;; f.getvalue()
stringio_lines | import io ;; s = 'line of text\n' * 100 | for l in io.StringIO(s): pass
enum_get | import enum ;; class E(enum.Enum): A = 1; B = 2 | E.A.value
enum_call | import enum ;; class E(enum.Enum): A = 1; B = 2 | E(2)
dataclass_new | from dataclasses import dataclass ;; @dataclass ;; class P: x: int; y: int | P(1, 2)
random | import random ;; r = random.random | r()
randint | import random ;; r = random.randint | r(1, 100)
shuffle | import random ;; a = list(range(100)) | random.shuffle(a)
pickle_dumps | import pickle ;; d = {'a': [1, 2, 3], 'b': (1.5, 'x')} | pickle.dumps(d)
pickle_loads | import pickle ;; d = pickle.dumps({'a': [1, 2, 3], 'b': (1.5, 'x')}) | pickle.loads(d)
datetime_now | from datetime import datetime, timedelta ;; d = datetime(2020, 1, 1); t = timedelta(1) | d + t
isoformat | from datetime import datetime ;; d = datetime(2020, 1, 1, 12, 30) | d.isoformat()
decimal | from decimal import Decimal ;; a = Decimal('1.1'); b = Decimal('2.2') | a * b
fraction | from fractions import Fraction ;; a = Fraction(1, 3); b = Fraction(2, 7) | a + b
hashlib_md5 | import hashlib ;; b = b'x' * 1000 | hashlib.md5(b).digest()
sha256 | import hashlib ;; b = b'x' * 1000 | hashlib.sha256(b).digest()
base64 | import base64 ;; b = b'x' * 1000 | base64.b64encode(b)
crc32 | import zlib ;; b = b'x' * 1000 | zlib.crc32(b)
path_join | import os.path ;; p = os.path.join | p('/usr', 'lib', 'x')
perf_counter | from time import perf_counter | perf_counter()
lock | import threading ;; l = threading.Lock() | with l: pass
thread_local | import threading ;; l = threading.local(); l.x = 1 | l.x
contextvar | from contextvars import ContextVar ;; v = ContextVar('v', default=1) | v.get()
textwrap | import textwrap ;; s = 'the quick brown fox ' * 10 | textwrap.wrap(s, 40)
string_template | import string ;; t = string.Template('$a and $b') | t.substitute(a=1, b=2)
shlex | import shlex ;; s = 'a "b c" d' | shlex.split(s)
csv | import csv ;; a = ['a,b,"c d",e'] * 20 | list(csv.reader(a))
urlparse | from urllib.parse import urlsplit ;; urlsplit.cache_clear() if hasattr(urlsplit, 'cache_clear') else 0; u = 'https://user@example.org:80/path?q=1#f' | urlsplit(u)
""")


def build(setup, statement):
    def indented(text, width):
        return "\n".join(" " * width + line for line in text.split("\n"))
    source = (f"def kernel(loops, clock):\n{indented(setup, 1)}\n start = clock()\n for _ in [None] * loops:\n"
              + "\n".join([indented(statement, 2)] * 5) + "\n return clock() - start\n")
    space = {"__name__": "kernels"}
    exec(compile(source, "<kernel>", "exec"), space)
    return space["kernel"]


def measure(setup, statement):
    kernel = build(setup, statement)
    loops, spent = 1, kernel(1, perf_counter)
    while spent < TARGET / 4:
        loops *= 4 if spent * 8 < TARGET else 2
        spent = kernel(loops, perf_counter)
    loops = max(1, int(loops * TARGET / spent))
    return min([kernel(loops, perf_counter) for _ in range(3)]) / (loops * 5) * 1e9


def main():
    words = sys.argv[1:]
    first = int(words[words.index("--from") + 1]) if "--from" in words else 0
    loops = int(words[words.index("--loops") + 1]) if "--loops" in words else 0
    match = words[words.index("--match") + 1].split(",") if "--match" in words else None
    for number, (name, setup, statement) in enumerate(KERNELS):
        if number < first or (match and not any(part in name for part in match)):
            continue
        print(number, name, end=" ", flush=True)
        try:
            if loops:
                print(build(setup, statement)(loops, perf_counter), flush=True)
            else:
                print(measure(setup, statement), flush=True)
        except Exception as error:
            print(f"{type(error).__name__}: {error}".replace("\n", " "), flush=True)


if __name__ == "__main__":
    main()
