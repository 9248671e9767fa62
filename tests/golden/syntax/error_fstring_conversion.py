f"{value!x}"
