text = "a" * 200000
print(text.find("a" * 1000 + "b" + "a" * 1000))  # expect: -1
wide = "й" * 100000
print(wide.find("й" * 500 + "б" + "й" * 500))  # expect: -1
print(text.count("a" * 100), wide.replace("йй", "и").count("и"))  # expect: 2000 50000
