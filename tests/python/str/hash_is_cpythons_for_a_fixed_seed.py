# env: PYTHONHASHSEED=0
print(hash("abc") == hash(b"abc"), hash(""), hash("a" * 5) == hash("aaaaa"))  # expect: True 0 True
print(hash("abc"), hash("é"), hash("漢字"), hash("😀"))  # expect: -4594863902769663758 6047309291227476195 -6795607626837722595 -3536540696076613844
