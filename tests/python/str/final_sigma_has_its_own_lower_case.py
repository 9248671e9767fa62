print("ΟΔΟΣ".lower())  # expect: οδος
print("Σ".lower(), "ΑΣ Β".lower(), "ΑΣΒ".lower())  # expect: σ ας β ασβ
print("ΑΣ.".lower(), "Α.Σ".lower())  # expect: ας. α.ς
print("ΟΔΟΣ".capitalize(), "ΟΔΟΣ".swapcase())  # expect: Οδος οδος
